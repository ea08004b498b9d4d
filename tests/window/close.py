"""Asks a window to close, as the cross in its corner does where a window manager draws one (ICCCM 4.2.8.1).

    python3 close.py WINDOW
"""

import ctypes
import sys

x = ctypes.CDLL("libX11.so.6")
x.XOpenDisplay.restype = ctypes.c_void_p
x.XInternAtom.restype = ctypes.c_ulong
CLIENT_MESSAGE = 33


class ClientMessage(ctypes.Structure):
    _fields_ = [
        ("type", ctypes.c_int),
        ("serial", ctypes.c_ulong),
        ("send_event", ctypes.c_int),
        ("display", ctypes.c_void_p),
        ("window", ctypes.c_ulong),
        ("message_type", ctypes.c_ulong),
        ("format", ctypes.c_int),
        ("data", ctypes.c_long * 5),
        ("rest", ctypes.c_long * 24),
    ]


display = ctypes.c_void_p(x.XOpenDisplay(None))
window = ctypes.c_ulong(int(sys.argv[1]))
atom = lambda name: x.XInternAtom(display, name, False)  # noqa: E731
message = ClientMessage(CLIENT_MESSAGE, 0, True, display, window, atom(b"WM_PROTOCOLS"), 32)
message.data[0] = atom(b"WM_DELETE_WINDOW")
x.XSendEvent(display, window, False, ctypes.c_long(0), ctypes.byref(message))
x.XSync(display, False)
