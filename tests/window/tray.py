"""A desktop's tray, on the session's bus: a watcher of status icons. A line of JSON for every change: `ready`, the
lines of the icon's menu as [text, whether it can be pressed], or null when the icon is gone. Presses the line of
the menu whose text is written to the file that is its argument."""

import json
import os
import sys

import gi

gi.require_version("Gio", "2.0")
from gi.repository import Gio, GLib  # noqa: E402

NAME = "org.kde.StatusNotifierWatcher"
INTERFACE = f"""
<node>
  <interface name="{NAME}">
    <method name="RegisterStatusNotifierItem"><arg type="s" direction="in"/></method>
    <method name="RegisterStatusNotifierHost"><arg type="s" direction="in"/></method>
    <property name="RegisteredStatusNotifierItems" type="as" access="read"/>
    <property name="IsStatusNotifierHostRegistered" type="b" access="read"/>
    <property name="ProtocolVersion" type="i" access="read"/>
  </interface>
</node>
"""
PROPERTIES = {
    "RegisteredStatusNotifierItems": GLib.Variant("as", []),
    "IsStatusNotifierHostRegistered": GLib.Variant("b", True),
    "ProtocolVersion": GLib.Variant("i", 0),
}
ITEM = "org.kde.StatusNotifierItem"
MENU = "com.canonical.dbusmenu"
presses = sys.argv[1]


class Icon:
    """The one icon that is shown: who shows it, where its menu lies, and what stands there."""

    def __init__(self, bus, owner, path):
        self.bus, self.owner, self.path, self.lines, self.said = bus, owner, path, {}, None
        bus.signal_subscribe(owner, None, None, None, None, Gio.DBusSignalFlags.NONE, lambda *_: self.read())
        bus.signal_subscribe("org.freedesktop.DBus", "org.freedesktop.DBus", "NameOwnerChanged", None, owner,
                             Gio.DBusSignalFlags.NONE, lambda *_: self.say(None))  # fmt: skip
        self.read()

    def ask(self, path, interface, method, arguments, then):
        def answered(bus, result):
            try:
                then(bus.call_finish(result).unpack())
            except GLib.Error:
                pass  # It went meanwhile; that is told by its name.

        self.bus.call(self.owner, path, interface, method, arguments, None, Gio.DBusCallFlags.NONE, -1, None, answered)

    def read(self):
        get = GLib.Variant("(s)", (ITEM,))
        self.ask(self.path, "org.freedesktop.DBus.Properties", "GetAll", get, lambda answer: self.seen(*answer))

    def seen(self, properties):
        if properties.get("Status") == "Passive":
            return self.say(None)
        self.menu = properties["Menu"]
        every = GLib.Variant("(iias)", (0, -1, []))
        self.ask(self.menu, MENU, "GetLayout", every, lambda answer: self.laid_out(answer[1]))

    def laid_out(self, layout):
        self.lines = {one[1]["label"].replace("_", ""): (one[0], one[1].get("enabled", True))
                      for one in layout[2] if "label" in one[1]}  # fmt: skip
        self.say([[text, enabled] for text, (_, enabled) in self.lines.items()])

    def say(self, what):
        if what != self.said:
            self.said = what
            print(json.dumps(what), flush=True)

    def press(self, text):
        number, _ = self.lines[text]
        event = GLib.Variant("(isvu)", (number, "clicked", GLib.Variant("i", 0), 0))
        self.ask(self.menu, MENU, "Event", event, lambda _: None)


shown = []


def answer(bus, sender, _path, _interface, method, arguments, call):
    call.return_value(None)
    if method == "RegisterStatusNotifierItem":
        shown[:] = [Icon(bus, sender, arguments.unpack()[0])]


def pressed():
    if os.path.exists(presses):
        with open(presses, encoding="utf-8") as file:
            shown[0].press(file.read())
        os.remove(presses)
    return True


def serve(bus, _name):
    interface = Gio.DBusNodeInfo.new_for_xml(INTERFACE).interfaces[0]
    bus.register_object("/StatusNotifierWatcher", interface, answer, lambda *asked: PROPERTIES[asked[4]], None)


GLib.timeout_add(50, pressed)
Gio.bus_own_name(Gio.BusType.SESSION, NAME, Gio.BusNameOwnerFlags.NONE, serve, lambda *_: print(json.dumps("ready"), flush=True), None)
GLib.MainLoop().run()
