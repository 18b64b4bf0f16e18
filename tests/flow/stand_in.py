"""The stand-in web canvas for a flow test: starts it, orders trouble, reads its ledger, and makes rules that lead there. Only the standard library."""
import json
import os
import shutil
import signal
import socket
import subprocess
import urllib.request

from harness import TOP, wait

BROWSER = {"browser": {"start": 1, "headless": True, "sandbox": False}}
SITE = os.path.join(TOP, "tests", "simulators", "dzine", "site.mjs")
OPS = ("thumbnail", "product.scene", "background", "product.faithful", "avatar", "character.sheet", "character.scene")


class Site:
    """The stand-in, running; a context manager."""

    def __init__(self, speed=40, port=0):
        self.speed, self.port = speed, port

    def __enter__(self):
        self.process = subprocess.Popen(["node", SITE, "--speed", str(self.speed), "--port", str(self.port)], stdout=subprocess.PIPE, text=True)
        self.base = "http://127.0.0.1:%d/" % json.loads(self.process.stdout.readline())["port"]
        return self

    def __exit__(self, kind, value, trace):
        self.process.kill()
        self.process.wait()
        self.process.stdout.close()

    def ledger(self):
        with urllib.request.urlopen(self.base + "_site/ledger", timeout=20) as answer:
            return json.load(answer)

    def post(self, what, body):
        wish = urllib.request.Request(self.base + "_site/" + what, json.dumps(body).encode(), method="POST")
        with urllib.request.urlopen(wish, timeout=20) as answer:
            answer.read()

    def trouble(self, *list_):
        """{"kind": ..., "count": 1, "page": True when the page makes it} each; nothing: what is left of the trouble is taken back."""
        self.post("trouble" if list_ else "peace", list(list_))


def free_port():
    with socket.socket() as s:
        s.bind(("127.0.0.1", 0))
        return s.getsockname()[1]


class Chromium:
    """A browser that a person has running: a debugging port, one page of the person's own, and perhaps a folder for downloads. A context
    manager; dir holds its profile."""

    def __init__(self, dir_, page="about:blank", port=None, downloads=None):
        self.port = port or free_port()
        self.profile = os.path.join(dir_, "person-%d" % self.port)
        self.url = "http://127.0.0.1:%d" % self.port
        self.page, self.process = page, None
        if downloads:
            os.makedirs(os.path.join(self.profile, "Default"))
            with open(os.path.join(self.profile, "Default", "Preferences"), "w") as f:
                json.dump({"download": {"default_directory": downloads}}, f)

    def __enter__(self):
        return self.start()

    def __exit__(self, kind, value, trace):
        self.kill()
        shutil.rmtree(self.profile, ignore_errors=True)

    def start(self, ready=True):
        program = next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome-stable", "google-chrome", "brave-browser"))))
        self.process = subprocess.Popen(
            [program, "--headless", "--no-sandbox", "--disable-gpu", "--no-first-run", "--disable-background-networking", "--disable-component-update",
             "--disable-sync", "--remote-debugging-port=%d" % self.port, "--user-data-dir=" + self.profile, self.page],
            stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, start_new_session=True)
        if ready:
            wait(self.there, 30, "the browser at %s" % self.url)
        return self

    def there(self):
        try:
            return self.ask("version")
        except OSError:
            return None

    def ask(self, what, method="GET"):
        with urllib.request.urlopen(urllib.request.Request("%s/json/%s" % (self.url, what), method=method), timeout=5) as answer:
            text = answer.read().decode()
        return json.loads(text) if text[:1] in "[{" else text

    def pages(self, at=""):
        """Open pages whose address begins so."""
        return [p for p in self.ask("list") if p["type"] == "page" and p["url"].startswith(at)]

    def signal(self, number):
        os.killpg(self.process.pid, number)

    def kill(self):
        if self.process:
            self.signal(signal.SIGCONT)
            self.signal(signal.SIGKILL)
            self.process.wait()
            self.process = None

    def crash_pages(self):
        """Ends the processes that show pages, as a fault in one would, and not those that draw the browser itself. Returns their ids."""
        ended = []
        for pid in (int(n) for n in os.listdir("/proc") if n.isdigit()):
            try:
                line = open("/proc/%d/cmdline" % pid, "rb").read()
                if os.getpgid(pid) == self.process.pid and b"--type=renderer" in line and b"-webui" not in line and b"--extension-process" not in line:
                    ended.append(pid)
            except OSError:
                continue
        for pid in ended:
            os.kill(pid, signal.SIGKILL)
        return ended


def only(r, *kinds):
    """Of a list of products, only assets of these kinds are made."""
    path = os.path.join(r.rules, "plans", "products.json")
    text = open(path).read()
    for kind in ("thumbnail", "product", "background", "avatar_base"):
        if kind not in kinds:
            text = text.replace('"%s": {"make": true' % kind, '"%s": {"make": false' % kind)
    open(path, "w").write(text)


def use(r, site, keep, poll_for_ms=30000, load_ms=30000):
    """The site's address, short rests, and no engine but the browser for the ops to keep."""
    path = os.path.join(r.rules, "sops", "dzine", "site.json")
    text = open(path).read().replace("https://www.dzine.ai/", site.base)
    open(path, "w").write(text.replace('"poll_ms": 3000', '"poll_ms": 300').replace('"poll_for_ms": 120000', '"poll_for_ms": %d' % poll_for_ms)
                          .replace('"key_ms": 3', '"key_ms": 0'))
    for name in os.listdir(os.path.join(r.rules, "sops", "dzine")):
        path = os.path.join(r.rules, "sops", "dzine", name)
        text = open(path).read()
        for long, short in (('"ms": 3000', '"ms": 300'), ('"ms": 2000', '"ms": 100'), ('"ms": 1000', '"ms": 100'), ('"ms": 500', '"ms": 100'), ('"within_ms": 30000', '"within_ms": %d' % load_ms),
                            ('"within_ms": 12000', '"within_ms": %d' % (load_ms * 2 // 5)),
                            ('"again_after_ms": 5000', '"again_after_ms": 1000')):
            text = text.replace(long, short)
        open(path, "w").write(text)
    path = os.path.join(r.rules, "providers", "dzine.json")
    text = open(path).read()
    for op in OPS:
        if op not in keep:
            text = "\n".join(line for line in text.splitlines() if '"%s": {' % op not in line)
    open(path, "w").write(text.replace("},\n  }", "}\n  }").replace('"gap_ms": 2000', '"gap_ms": 100'))


def jobs_of(ledger, kind):
    return [j for j in ledger["jobs"] if j["kind"] == kind]
