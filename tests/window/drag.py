"""A window that is nothing but a file to drag: `drag.py PATH X Y`, under the pointer, until the drag ends.

GTK itself starts the drag, so what the other window receives is a true native drop. A window of type
POPUP needs no window manager.
"""

import pathlib
import sys

import gi

gi.require_version("Gdk", "3.0")
gi.require_version("Gtk", "3.0")
from gi.repository import Gdk, GLib, Gtk  # noqa: E402

uri = pathlib.Path(sys.argv[1]).as_uri()
window = Gtk.Window(type=Gtk.WindowType.POPUP)
window.set_default_size(80, 80)
window.move(int(sys.argv[2]), int(sys.argv[3]))
handle = Gtk.EventBox()
handle.add(Gtk.Label(label="file"))
window.add(handle)
handle.drag_source_set(Gdk.ModifierType.BUTTON1_MASK, None, Gdk.DragAction.COPY)
handle.drag_source_add_uri_targets()
handle.connect("drag-data-get", lambda _w, _c, data, _i, _t: data.set_uris([uri]))
handle.connect("drag-begin", lambda *_: print("began", flush=True))
handle.connect("drag-end", lambda *_: (print("ended", flush=True), Gtk.main_quit()))
window.connect("map-event", lambda *_: print("ready", flush=True))
window.show_all()
GLib.timeout_add_seconds(120, Gtk.main_quit)
Gtk.main()
