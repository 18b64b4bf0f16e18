"""A root of its own, a real daemon on it, and waiting for conditions instead of sleeping. Only the standard library."""
import hashlib
import json
import os
import re
import shutil
import signal
import sqlite3
import subprocess
import sys
import tempfile
import time
import traceback

HERE = os.path.dirname(os.path.abspath(__file__))
TOP = os.path.dirname(os.path.dirname(HERE))
BUILD = os.environ.get("BUILD") or os.path.join(TOP, "build")
SLATED = os.path.join(BUILD, "slated")
SAMPLES = os.path.join(TOP, "watchdirs", "samples")
HELD_CLOCK = "@1773478800"

FAST = {"watch": {"settle_ms": 200, "settle_folder_ms": 300, "settle_unclosed_ms": 400, "scan_ms": 100},
        "intake": {"wait_missing_s": 3, "wait_empty_s": 6}, "engine": {"retry_waits_s": [0]}}


def wait(condition, seconds=20, what="the condition"):
    """Polls until condition() is true and returns its value; raises with what was waited for."""
    until = time.monotonic() + seconds
    while True:
        value = condition()
        if value:
            return value
        if time.monotonic() > until:
            raise AssertionError("waited %s s in vain for %s" % (seconds, what() if callable(what) else what))
        time.sleep(0.02)


def merge(into, more):
    for key, value in more.items():
        if isinstance(value, dict):
            merge(into.setdefault(key, {}), value)
        else:
            into[key] = value
    return into


class Root:
    """A root folder with rules whose policy is quick; a context manager that ends the daemon and removes everything."""

    def __init__(self, policy=None, mode=None, env=None):
        self.dir = tempfile.mkdtemp(prefix="slated-flow-")
        self.root = os.path.join(self.dir, "root")
        self.rules = os.path.join(self.dir, "rules")
        self.stage = os.path.join(self.dir, "stage")
        self.log = os.path.join(self.dir, "log")
        self.mode = mode
        self.daemon = None
        self.env = dict(os.environ, **(env or {}))
        os.makedirs(self.stage)
        os.makedirs(os.path.join(self.root, "inbox"))
        shutil.copytree(os.path.join(TOP, "rules"), self.rules)
        self.set_policy(merge(json.loads(json.dumps(FAST)), policy or {}))

    def set_policy(self, policy):
        with open(os.path.join(self.rules, "policy.json"), "w") as f:
            json.dump(policy, f)

    def leave_ungated(self, engine):
        """What this engine makes is a stand-in of a test, of any size: no gate looks at it."""
        path = os.path.join(self.rules, "gates", "local.json")
        text = open(path).read()
        with open(path, "w") as f:
            f.write(text.replace('"engines": {', '"engines": {"%s": {"on": false, "why": "a stand-in of a test"},' % engine, 1))

    def one_picture_a_product(self, engine, model, attempts=2, variants=("hero",)):
        """Of each product of a list one picture, or these, are made by this engine, and nothing else."""
        types = {"product": {"*": [{"engine": engine, "model": model}]}, "*": {"*": [{"engine": "local", "model": "embedded"}]}}
        no = {"make": False, "attempts": 1}
        assets = {"thumbnail": dict(no, message="", message_one=""), "product": {"make": True, "attempts": attempts},
                  "product_faithful": dict(no, backdrop="detail"), "background": no, "avatar_base": dict(no, label="Host"),
                  "reference": dict(no, seconds=3, max_bytes=1000000)}
        for path, doc in (("models/routing.json", {"about": "a test", "use": "standard", "profiles": {"standard": {"about": "a test", "types": types}}}),
                          ("plans/products.json", {"about": "a test", "variants": {"*": list(variants)}, "sizes": {"*": [512, 512]}, "assets": assets})):
            with open(os.path.join(self.rules, path), "w") as f:
                json.dump(doc, f)

    def __enter__(self):
        return self

    def __exit__(self, kind, value, trace):
        self.kill()
        if kind and os.path.exists(self.log):
            sys.stdout.write(open(self.log, errors="replace").read()[-4000:])
        shutil.rmtree(self.dir, ignore_errors=True)

    def path(self, *parts):
        return os.path.join(self.root, *parts)

    def args(self, *words):
        return [SLATED] + list(words) + ["--root", self.root, "--rules", self.rules]

    def start(self, *words):
        mode = ["--watch", self.mode] if self.mode else []
        before = os.path.getsize(self.log) if os.path.exists(self.log) else 0
        with open(self.log, "ab") as log:
            self.daemon = subprocess.Popen(self.args("run", "--plain", *mode, *words), stdout=log, stderr=log,
                                           env=self.env, start_new_session=True)
        wait(lambda: self.daemon.poll() is not None or " start " in open(self.log, errors="replace").read()[before:],
             what="the daemon's start")
        return self

    def stop(self, seconds=5):
        began = time.monotonic()
        self.daemon.send_signal(signal.SIGTERM)
        code = self.daemon.wait(seconds)
        self.daemon = None
        return code, time.monotonic() - began

    def kill(self):
        if self.daemon:
            self.daemon.kill()
            self.daemon.wait()
            self.daemon = None

    def once(self, seconds=300):
        return subprocess.run(self.args("once", "--plain"), env=self.env, capture_output=True, text=True,
                              timeout=seconds)

    def rest(self, seconds=60):
        """Until the daemon has used no processor time for three seconds: all that follows from work has been done."""
        def used():
            return open("/proc/%d/stat" % self.daemon.pid).read().rpartition(")")[2].split()[11:13]
        before, since = used(), time.monotonic()
        until = since + seconds
        while time.monotonic() < since + 3:
            assert time.monotonic() < until, "the daemon finds no rest"
            time.sleep(0.1)
            if used() != before:
                before, since = used(), time.monotonic()

    def cli(self, *words):
        return subprocess.run(self.args(*words), env=self.env, capture_output=True, text=True, timeout=120)

    def status(self):
        out = self.cli("status", "--json").stdout
        return json.loads(out) if out.startswith("[") else []

    def jobs(self, drop):
        return json.loads(self.cli("status", drop, "--json").stdout)

    def rows(self, sql):
        """What the store answers; nothing before there is one."""
        path = self.path(".slated", "slated.db")
        if not os.path.exists(path):
            return []
        db = sqlite3.connect("file:%s?mode=ro" % path, uri=True, timeout=30)
        try:
            return db.execute(sql).fetchall()
        finally:
            db.close()

    # --- dropping ---

    def write(self, name, content, where="stage"):
        path = os.path.join(self.stage if where == "stage" else self.path(where), name)
        os.makedirs(os.path.dirname(path), exist_ok=True)
        with open(path, "wb") as f:
            f.write(content if isinstance(content, bytes) else
                    (content if isinstance(content, str) else json.dumps(content)).encode())
        return path

    def drop(self, name, content):
        """Moved in whole, as most programs do it."""
        os.rename(self.write(name, content), self.path("inbox", name))

    def inbox(self):
        """What lies there of a person's; the two folders for gestures are the daemon's own."""
        return sorted(n for n in os.listdir(self.path("inbox")) if not n.startswith(".slated")
                      and not n.endswith(".slated.txt") and n not in ("escalate", "notes"))

    def text_of(self, *parts):
        """Of a file in the root; empty where there is none."""
        try:
            return open(self.path(*parts), errors="replace").read()
        except FileNotFoundError:
            return ""

    def receipt(self, name):
        return self.text_of("inbox", name + ".slated.txt")

    def needs(self):
        return self.text_of("NEEDS-YOU.md")

    def logged(self):
        """What the daemons of this root have said."""
        return open(self.log, errors="replace").read()

    def why(self, name):
        """The reasons, once the entry lies beside them: the page is written first."""
        folder = self.path("refused", name)
        if not os.path.isdir(folder) or len(os.listdir(folder)) < 2:
            return ""
        return open(os.path.join(folder, "WHY.txt"), errors="replace").read()

    def taken(self, count=1, seconds=20):
        """So many drops are taken whole: a drop's folder is there before its files have moved."""
        done = "SELECT count(*) FROM drops WHERE state <> 'taking'"
        def look():
            n = self.rows(done)
            return n and n[0][0] >= count and len(os.listdir(self.path("taken"))) >= count and self.status()
        return wait(look, seconds, "%d drops taken" % count)

    def ended(self, count=1, seconds=120):
        """All drops have ended and there are at least so many; returns them, newest first."""
        def look():
            drops = self.status()
            return len(drops) >= count and all(d["state"] in ("ended", "cancelled") for d in drops) and drops
        return wait(look, seconds, lambda: "%d drops to end: %s" % (count, self.status()))

    # --- looking ---

    def tree(self, top="out"):
        """path -> digest of everything below top, with what honestly differs between two runs evened out."""
        found = {}
        for dir_, _, names in os.walk(self.path(top)):
            for name in names:
                path = os.path.join(dir_, name)
                data = open(path, "rb").read()
                if name.endswith((".json", ".html", ".txt")):
                    data = re.sub(rb'("(?:seconds|duration_s|total_seconds|seconds_total)": )[0-9.e-]+', rb"\g<1>0", data)
                found[os.path.relpath(path, self.path(top))] = hashlib.sha256(data).hexdigest()
        return found

    def temporary(self):
        """Files that no finished root has."""
        left = []
        for dir_, _, names in os.walk(self.root):
            left += [os.path.join(dir_, n) for n in names if n.endswith(".slated-tmp")]
        work = self.path(".slated", "work")
        return left + [os.path.join(work, n) for n in (os.listdir(work) if os.path.isdir(work) else [])]


def products(n=1, video_id="v1", **more):
    return dict({"video_id": video_id, "niche": "desk lamps",
                 "products": [{"rank": i + 1, "name": "Lamp %d" % (i + 1)} for i in range(n)]}, **more)


def main(tests, keep=None):
    """Runs test functions, each printing only when it fails; closes with the sums."""
    wanted = sys.argv[1:]
    passed = failed = 0
    for test in tests:
        if wanted and test.__name__ not in wanted:
            continue
        try:
            test()
            passed += 1
        except Exception:
            failed += 1
            print("FAILED", test.__name__)
            traceback.print_exc(file=sys.stdout)
        sys.stdout.flush()
    print("%d passed, %d failed" % (passed, failed))
    sys.exit(1 if failed else 0)
