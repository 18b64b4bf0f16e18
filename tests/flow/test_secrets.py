#!/usr/bin/env python3
"""A key is put into the environment, work of every kind is done with it, well and badly, and then every byte that slated wrote anywhere is
searched for it: as it is, in base64 at each offset, and percent-encoded. Engines that repeat the key in their error texts are among them."""
import base64
import http.server
import json
import os
import shutil
import signal
import subprocess
import threading
import time
import urllib.parse
import zipfile

from harness import SAMPLES, Root, main, products, wait
from simulator import Simulator

CANARY = "cn4ry/+%s+key==7f3a"  # with bytes that percent-encoding changes


def forms(secret):
    """Every way the secret may stand in a file, as bytes."""
    raw = secret.encode()
    found = {raw, urllib.parse.quote(secret, safe="").encode(), urllib.parse.quote(secret).encode(), raw.hex().encode()}
    for shift in range(3):
        text = base64.b64encode(b"\0" * shift + raw)
        first, last = (-(-8 * shift // 6), -1 - 4)  # what depends on neighbours is cut off
        found |= {text[first + 1:last], text[first + 1:last].replace(b"+", b"-").replace(b"/", b"_")}
    return found


def leaks(top, secrets, skip=()):
    """[(path, form)] of every file below top, archives looked into."""
    wanted = {form for secret in secrets for form in forms(secret)}
    hits = []

    def look(name, data):
        hits.extend((name, form) for form in wanted if form in data)
    for dir_, _, names in os.walk(top):
        for name in names:
            path = os.path.join(dir_, name)
            if os.path.islink(path) or not os.path.isfile(path) or path in skip:
                continue
            look(path, open(path, "rb").read())
            if zipfile.is_zipfile(path):
                with zipfile.ZipFile(path) as z:
                    for inner in z.namelist():
                        look(path + "!" + inner, z.read(inner))
    return hits


class Echo(http.server.ThreadingHTTPServer):
    """An engine that repeats what it was sent with, in every way engines do: error texts, a redirect, a header, an address to poll."""
    daemon_threads = True

    def __init__(self):
        super().__init__(("127.0.0.1", 0), EchoHandler)
        self.n, self.lock, self.seen = 0, threading.Lock(), []
        self.url = "http://127.0.0.1:%d" % self.server_address[1]
        threading.Thread(target=self.serve_forever, daemon=True).start()


class EchoHandler(http.server.BaseHTTPRequestHandler):
    def log_message(self, *args):
        pass

    def reply(self, status, body, **headers):
        data = json.dumps(body).encode()
        self.send_response(status)
        for name, value in headers.items():
            self.send_header(name.replace("_", "-"), value)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(data)))
        self.end_headers()
        self.wfile.write(data)

    def do_POST(self):
        self.rfile.read(int(self.headers.get("Content-Length", 0)))
        key = self.headers.get("Authorization", "").removeprefix("Bearer ")
        with self.server.lock:
            self.server.n += 1
            n = self.server.n
            self.server.seen.append(key)
        if n % 4 == 1:
            self.reply(400, {"error": "the key %s is not for this model" % key})
        elif n % 4 == 2:
            self.reply(500, {"error": "trace: Authorization: Bearer " + urllib.parse.quote(key, safe="")}, X_Echo=key)
        elif n % 4 == 3:
            self.reply(302, {}, Location=self.server.url + "/elsewhere?key=" + urllib.parse.quote(key, safe=""))
        else:
            self.reply(401, {"error": base64.b64encode(("user:" + key).encode()).decode()})


ECHO = {
    "about": "An engine that repeats its key", "title": "the echo", "carrier": "http", "private": True, "key_env": "ECHO_KEY", "attempts": 3, "seconds": 1,
    "headers": {"Authorization": "Bearer ${ECHO_KEY}"}, "limits": {"at_once": 2}, "ops": {"product.scene": {}}, "models": {"echo": {"price": 0.01}},
    "error": "/error", "steps": {"submit": {"url": "{base}/make", "method": "POST", "body": {"prompt": {"from": "prompt"}}, "reply": {"id": "/id"}},
                                 "poll": {"url": "{base}/job/{reply.id}"}, "result": {"url": "{base}/job/{reply.id}", "results": [{"each": "/url"}]}},
}


class SecretRoot(Root):
    def __init__(self, fal, gemini, telegram, echo):
        self.secrets = {name: CANARY % name for name in ("FAL_KEY", "GEMINI_API_KEY", "OPENROUTER_API_KEY", "RUNPOD_API_KEY", "ECHO_KEY")}
        self.secrets["TELEGRAM_BOT_TOKEN"] = "7182818284:AAF-canary_telegram_0123456789abcdef"
        super().__init__(policy={"money": {"approve_above": 1000}}, env=dict(self.secrets, no_proxy="*", TELEGRAM_CHAT_ID="1001"))
        self.point("providers/fal.json", {"https://queue.fal.run": fal.url + "/queue", "https://rest.fal.ai": fal.url + "/rest"})
        self.point("providers/gemini.json", {"https://generativelanguage.googleapis.com": gemini.url})
        self.point("notify/telegram.json", {"https://api.telegram.org": telegram.url})
        json.dump(dict(ECHO, base=echo.url), open(os.path.join(self.rules, "providers", "echo.json"), "w"))
        path = os.path.join(self.rules, "models", "routing.json")
        text = open(path).read()
        assert '"hero": [\n' in text
        open(path, "w").write(text.replace('"hero": [\n', '"hero": [\n{"engine": "echo", "model": "echo"},\n', 1))

    def point(self, file, bases):
        path = os.path.join(self.rules, file)
        if not os.path.exists(path):
            return
        text = open(path).read()
        for real, simulated in bases.items():
            text = text.replace(real, simulated)
        open(path, "w").write(text.replace('"carrier": "http",', '"carrier": "http", "private": true,', 1))

    def told(self, *words):
        """A command's whole output goes into the folder that is searched."""
        done = subprocess.run(self.args(*words), env=self.env, capture_output=True, timeout=60)
        with open(os.path.join(self.dir, "told"), "ab") as f:
            f.write(b"\n$ " + " ".join(words).encode() + b"\n" + done.stdout + done.stderr)
        return done


def test_no_byte_that_is_written_holds_a_key():
    echo = Echo()
    with Simulator("fal") as fal, Simulator("gemini") as gemini, Simulator("telegram") as telegram, SecretRoot(fal, gemini, telegram, echo) as r:
        fal.latency(queue=5, run=20, film=50)
        fal.faults({"random": {"seed": 3, "rate": 0.2, "kinds": ["reset_after_accept", "5xx", "failed_job", "truncated", "redirect", "refused", "html_error"]}})
        gemini.faults({"kind": "auth", "count": 1, "after": 2})
        shutil.copy(os.path.join(SAMPLES, "harbor_ep_001.json"), r.path("inbox"))
        r.drop("products.json", products(3))
        r.start("--verbose")
        wait(lambda: len(echo.seen) >= 4, 60, "the engine that repeats its key to be asked")
        assert all(key == r.secrets["ECHO_KEY"] for key in echo.seen), "it was asked with the key"
        wait(lambda: len(r.status()) == 2, 30, "both drops")
        workers = open("/proc/%d/task/%d/children" % (r.daemon.pid, r.daemon.pid)).read().split()
        assert workers
        for pid in workers:
            for file in ("environ", "cmdline"):
                data = open("/proc/%s/%s" % (pid, file), "rb").read()
                assert not [f for s in r.secrets.values() for f in forms(s) if f in data], (pid, file)
        for pid in [str(r.daemon.pid)] + workers:
            core = next(line for line in open("/proc/%s/limits" % pid) if line.startswith("Max core file size"))
            assert core.split()[4:6] == ["0", "0"], core
        time.sleep(8)  # results, failures and pages of every kind
        for words in (["status"], ["status", "EP001_SH01"], ["providers"], ["spend"], ["spend", "--check"], ["doctor"], ["plan", os.path.join(SAMPLES, "desk-lamps")],
                      ["providers", "test", "fal", "--dry-run"], ["providers", "test", "echo", "--dry-run"], ["providers", "test", "gemini"],
                      ["bundle", "EP001", "--zip"], ["learn"]):
            r.told(*words)
        for drop in r.status():
            r.told("export", drop["drop"])
        time.sleep(2)
        r.daemon.send_signal(signal.SIGABRT)
        r.daemon.wait(10)
        r.daemon = None
        assert not [n for d, _, names in os.walk(r.dir) for n in names if n.startswith("core")]
        assert os.path.getsize(r.log) > 10000 and os.path.getsize(os.path.join(r.dir, "told")) > 1000
        hits = leaks(r.dir, r.secrets.values())
        assert not hits, [(os.path.relpath(path, r.dir), form) for path, form in hits[:10]]
        needs = open(r.path("NEEDS-YOU.md")).read()
        assert "the echo" in needs or "echo" in needs, needs
        echo.shutdown()


def test_the_search_finds_what_is_hidden():
    """The search itself: each form in a file of its own is found."""
    with Root() as r:
        secret = CANARY % "X"
        for at, data in enumerate([secret.encode(), base64.b64encode(b"ab" + secret.encode() + b"tail"), urllib.parse.quote(secret, safe="").encode()]):
            r.write("f%d" % at, b"before " + data + b" after")
        with zipfile.ZipFile(os.path.join(r.stage, "a.zip"), "w", zipfile.ZIP_DEFLATED) as z:
            z.writestr("inner.txt", "x" * 100 + secret)
        hits = {os.path.basename(path.split("!")[0]) for path, _ in leaks(r.stage, [secret])}
        assert hits == {"f0", "f1", "f2", "a.zip"}, hits


def test_a_credentials_file_that_others_can_read_is_refused():
    with Root() as r:
        r.start()
        r.stop()
        path = r.path(".slated", "credentials")
        with open(path, "w") as f:
            f.write("FAL_KEY=%s\n" % (CANARY % "FAL"))
        os.chmod(path, 0o644)
        said = r.cli("providers")
        assert "key is missing (FAL_KEY)" in said.stdout, said.stdout[-600:]
        assert "0600" in said.stdout + said.stderr or "chmod" in said.stdout + said.stderr, said.stderr
        os.chmod(path, 0o600)
        assert "key is there (FAL_KEY" in r.cli("providers").stdout
        assert not leaks(r.dir, [CANARY % "FAL"], skip=(path,))


if __name__ == "__main__":
    main([test_no_byte_that_is_written_holds_a_key, test_the_search_finds_what_is_hidden, test_a_credentials_file_that_others_can_read_is_refused])
