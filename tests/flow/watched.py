"""A root for scenarios of the watcher: it remembers what was dropped and ends each with the same four checks (closing): one receipt a drop,
work done once, input safe, nothing half made. main runs a file's scenarios, each with events and with scanning."""
import contextlib
import hashlib
import io
import json
import multiprocessing
import os
import struct
import sys
import time
import traceback
import zlib

from harness import Root, products, wait

# For writers with pauses: wide enough that a busy machine does not stretch a pause beyond the rest.
SLOW = {"watch": {"settle_ms": 1200, "settle_unclosed_ms": 1500}}
QUIET = 1.2  # longer than any settle time of the harness's policy, in either mode


class Watched(Root):
    """A root on which nothing is made (paused) unless the scenario wants it; it remembers what was dropped."""

    def __init__(self, mode, paused=True, policy=None):
        super().__init__(policy=policy, mode=mode)
        self.given = []
        if paused:
            self.cli("pause")

    def bytes_of(self, n=1, video_id=None, **more):
        data = json.dumps(products(n, video_id=video_id or "v%d" % len(self.given), **more)).encode()
        self.given.append(data)
        return data

    def inbox_path(self, name):
        return os.path.join(os.fsencode(self.path("inbox")), name) if isinstance(name, bytes) else self.path("inbox", name)

    def write_in(self, name, data, flags=os.O_WRONLY | os.O_CREAT | os.O_TRUNC):
        """Written in place and closed, as cp does it."""
        path = self.inbox_path(name)
        os.makedirs(os.path.dirname(path), exist_ok=True)
        fd = os.open(path, flags, 0o644)
        os.write(fd, data)
        os.close(fd)
        return path

    def move_in(self, name, data):
        path = os.path.join(self.stage, "drop")
        with open(path, "wb") as f:
            f.write(data)
        os.rename(os.fsencode(path) if isinstance(name, bytes) else path, self.inbox_path(name))

    def stays_untaken(self, seconds, count=0):
        """For so long no further drop is taken."""
        until = time.monotonic() + seconds
        while time.monotonic() < until:
            assert len(self.drop_names()) == count, self.drop_names()
            time.sleep(0.05)

    def drop_names(self):
        return sorted(os.listdir(self.path("taken"))) if os.path.isdir(self.path("taken")) else []

    def entries(self):
        return sorted(d["entry"] for d in self.status())

    def waits(self, name, state, seconds=10):
        """The receipt of name says state."""
        return wait(lambda: name + ": " + state in self.receipt(name) and self.receipt(name), seconds,
                    lambda: "%s: %s, found %r" % (name, state, self.receipt(name)))

    def log_text(self):
        return open(self.log, errors="replace").read()

    def files_below(self, *tops):
        for top in tops:
            for dir_, _, names in os.walk(os.fsencode(self.path(top))):
                for name in names:
                    path = os.path.join(dir_, name)
                    if os.path.isfile(path) and not os.path.islink(path):
                        yield path

    def receipts(self):
        return sorted(n for n in os.listdir(os.fsencode(self.path("inbox"))) if n.endswith(b".slated.txt"))

    def closing(self, drops=None, receipts=None, jobs=None):
        """(a) one receipt an entry, (b) so many drops and jobs, nothing paid, (c) all input kept, (d) nothing half made."""
        status = self.status()
        entries = [d["entry"] for d in status]
        if drops is not None:
            wait(lambda: len(self.drop_names()) >= drops, 10, "%d drops" % drops)
            status = self.status()
            assert len(self.drop_names()) == drops and len(status) <= drops, (status, self.drop_names())
            assert drops > 100 or len(status) == drops, status
        if receipts is not None:
            wait(lambda: len(self.receipts()) == receipts, 10, lambda: "%d receipts: %s" % (receipts, self.receipts()[:50]))
        plain = [n for n in set(entries) if n.isascii() and n.isprintable() and len(n) < 200]
        wait(lambda: all(self.receipt(n) for n in plain), 5, lambda: "a receipt of %s: %s" % (plain, self.receipts()[:50]))
        if jobs is not None:
            assert sum(d["jobs"]["total"] for d in status) == jobs, status
        assert all(d["cost"] == 0 for d in status), status
        have = {hashlib.sha256(open(p, "rb").read()).digest() for p in self.files_below("taken", "refused", "inbox")}
        for data in self.given:
            assert hashlib.sha256(data).digest() in have, "lost: %r" % data[:80]
        if self.daemon:
            assert self.daemon.poll() is None, "the daemon died"
        wait(lambda: not self.half_made(), 5, lambda: "%s to be whole" % self.half_made())

    def half_made(self):
        return [p for p in self.files_below("out", "taken", "refused") if p.endswith((b".slated-tmp", b".part"))]


def png(width=64, height=48, tint=0):
    def chunk(kind, data):
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))
    rows = b"".join(b"\0" + bytes([tint & 255, x & 255, y & 255] * 1) * width for y in range(height) for x in [y])
    return (b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)) +
            chunk(b"IDAT", zlib.compress(rows)) + chunk(b"IEND", b""))


def with_pictures(n, folder="refs/", video_id="pics", names=None):
    tree = products(n, video_id=video_id)
    for i, p in enumerate(tree["products"]):
        p["reference_image"] = folder + (names[i] if names else "p%02d.png" % i)
    return json.dumps(tree).encode()


def fill(folder, n, sub="refs"):
    os.makedirs(os.path.join(folder, sub))
    for i in range(n):
        with open(os.path.join(folder, sub, "p%02d.png" % i), "wb") as f:
            f.write(png(tint=i))
    with open(os.path.join(folder, "products.json"), "wb") as f:
        f.write(with_pictures(n, video_id=os.path.basename(folder)))


# --- running scenarios, two at a time ---

def run_one(job):
    scenario, mode = job
    name = scenario.__name__
    out, began = io.StringIO(), time.monotonic()
    with contextlib.redirect_stdout(out):
        try:
            scenario(mode)
            ok = True
        except Exception:
            traceback.print_exc(file=out)
            ok = False
    return name, mode, ok, out.getvalue(), time.monotonic() - began


def main(names):
    """names: a file's globals(); its scenarios are the functions w01... Words on the command line choose among them."""
    wanted = sys.argv[1:]
    scenarios = [f for name, f in sorted(names.items()) if name[0] == "w" and name[1:3].isdigit()]
    jobs = [(f, mode) for f in scenarios for mode in ("events", "scan")
            if not wanted or any(w in f.__name__ + " " + mode for w in wanted)]
    failed = 0
    with multiprocessing.Pool(2) as pool:
        for name, mode, ok, text, took in pool.imap_unordered(run_one, jobs):
            if wanted:
                print("%-4s %s [%s] %.1f s" % ("ok" if ok else "FAIL", name, mode, took))
            if not ok:
                failed += 1
                print("FAILED %s [%s]\n%s" % (name, mode, text))
            sys.stdout.flush()
    print("%d passed, %d failed" % (len(jobs) - failed, failed))
    sys.exit(1 if failed else 0)
