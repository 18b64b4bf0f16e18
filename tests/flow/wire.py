"""A wire between slated and a browser that a test can listen to, stall and cut. It keeps every command of the DevTools protocol that passes. Only
the standard library."""
import json
import re
import socket
import threading
import time


class Wire:
    """Forwards connections to 127.0.0.1:port; url is where to connect. A context manager."""

    def __init__(self, port):
        self.target, self.stalled, self.commands, self.answers, self.open = port, False, [], [], []
        self.word, self.aimed, self.before, self.after = None, False, None, None
        self.lock = threading.Lock()
        self.door = socket.create_server(("127.0.0.1", 0))
        self.port = self.door.getsockname()[1]
        self.url = "http://127.0.0.1:%d" % self.port
        threading.Thread(target=self.listen, daemon=True).start()

    def __enter__(self):
        return self

    def __exit__(self, kind, value, trace):
        self.door.close()
        self.cut()

    def cut(self):
        """Every connection ends as with a cable that is pulled out and reported."""
        with self.lock:
            ended, self.open = self.open, []
        for s in ended:
            try:
                s.shutdown(socket.SHUT_RDWR)
            except OSError:
                pass
            s.close()

    def stall(self, on=True):
        """Nothing that is sent arrives any more, and nobody says so. Taken back, what is under way stays lost."""
        self.stalled = on

    def at_press(self, word, before=None, after=None):
        """Calls before() when the next press of the button of that word is about to pass, or after() when it has passed."""
        self.word, self.aimed, self.before, self.after = word, False, before, after

    def look(self, command):
        """True when this is the press that is waited for."""
        params = command.get("params", {})
        if self.word and "slated.locate(" in params.get("expression", ""):
            self.aimed = '"%s"' % self.word in params["expression"]
        if not (self.word and self.aimed and params.get("type") == "mousePressed"):
            return False
        self.word = None
        if self.before:
            self.before()
        return True

    def listen(self):
        while True:
            try:
                near, _ = self.door.accept()
            except OSError:
                return
            try:
                far = socket.create_connection(("127.0.0.1", self.target), 5)
                far.settimeout(None)
            except OSError:
                near.close()
                continue
            for s in (near, far):  # else a second small message waits 40 ms for word of the first
                s.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            with self.lock:
                self.open += [near, far]
            for a, b, frames in ((near, far, Frames(self.commands, self.look)), (far, near, Frames(self.answers))):
                threading.Thread(target=self.carry, args=(a, b, frames), daemon=True).start()

    def carry(self, a, b, frames):
        swallowed = False
        try:
            while True:
                data = a.recv(65536)
                if not data:
                    break
                swallowed = swallowed or self.stalled
                if swallowed:
                    continue
                frames.add(data)
                swallowed = self.stalled
                if not swallowed:
                    b.sendall(data)
                if frames.found:
                    frames.found = False
                    self.after and self.after()
        except OSError:
            pass
        for s in (a, b):
            try:
                s.shutdown(socket.SHUT_RDWR)
            except OSError:
                pass


class Frames:
    """Bytes of one direction; whole text messages behind the HTTP head are added to keep, and shown to look until it finds one."""

    def __init__(self, keep, look=None):
        self.look, self.found = look, False
        self.keep, self.bytes, self.need, self.head = keep, bytearray(), 2, True

    def add(self, data):
        self.bytes += data
        while len(self.bytes) >= self.need and self.step():
            pass

    def step(self):
        if self.head:
            end = self.bytes.find(b"\r\n\r\n")
            if end < 0:
                return False
            self.plain = b"websocket" not in self.bytes[:end].lower()
            self.head = False
            del self.bytes[:end + 4]
        if self.plain or len(self.bytes) < 2:
            return False
        size, at = self.bytes[1] & 127, 2
        if size > 125:
            more = 2 if size == 126 else 8
            size, at = int.from_bytes(self.bytes[2:2 + more], "big"), 2 + more
        masked = self.bytes[1] & 128
        start = at + (4 if masked else 0)
        self.need = start + size
        if len(self.bytes) < self.need:
            return False
        if self.bytes[0] & 15 == 1:
            self.hear(self.bytes[at:start], bytes(self.bytes[start:self.need]))
        del self.bytes[:self.need]
        self.need = 2
        return True

    def hear(self, mask, body):
        if mask:
            body = bytes(b ^ mask[i & 3] for i, b in enumerate(body))
        number = re.match(rb'\{"id":(\d+)', body[:40])
        if len(body) < 1 << 20:
            self.keep.append(dict(json.loads(body), at=time.monotonic()))
            self.found = self.found or bool(self.look and self.look(self.keep[-1]))
        elif number:  # of a picture only that it came
            self.keep.append({"id": int(number[1]), "at": time.monotonic()})


def strangers(wire):
    """Commands that meant anything but tabs that slated made itself."""
    made = {a["result"]["targetId"] for a in wire.answers if "targetId" in a.get("result", {})}
    mine = {a["result"]["sessionId"] for a in wire.answers if "sessionId" in a.get("result", {})}
    found = []
    for c in wire.commands:
        target = c.get("params", {}).get("targetId")
        if (target and target not in made) or ("sessionId" in c and c["sessionId"] not in mine):
            found.append(c)
        elif "sessionId" not in c and c["method"] not in ("Target.createTarget", "Target.attachToTarget", "Target.closeTarget", "Target.getTargets", "Browser.getVersion"):
            found.append(c)
    return found
