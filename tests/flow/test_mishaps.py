#!/usr/bin/env python3
"""What a failed procedure leaves, and the look at the browsers: in a real browser, on the pages of tests/simulators/dzine and on a small site
of its own that is full of secrets."""
import contextlib
import http.server
import json
import os
import re
import socket
import threading

from harness import Root, main, products, wait
from stand_in import BROWSER, Site, only, use
from test_sop_run import mishaps, set_browser, slated


SECRETS = ["hunter2-typed", "sk-known-key-1234567", "tok-in-query-77", "hidden-csrf-88", "session-cookie-99", "in-a-script-55", "user-in-url-33"]
PAGE = """<!doctype html><html><head><title>Vault</title><meta name="csrf-token" content="hidden-csrf-88"></head><body>
<form><input type="password" value="hunter2-typed"><input type="hidden" name="csrf" value="hidden-csrf-88"><input name="city" value="Oslo"></form>
<p>sk-known-key-1234567</p><a href="/next?token=tok-in-query-77&x=1">next</a><a href="http://user-in-url-33:pw@127.0.0.1/">other</a>
<script>const t = "in-a-script-55"; localStorage.s = "session-cookie-99"; console.log("key", "sk-known-key-1234567", location.href + "&tok-in-query-77");
</script></body></html>"""


class Vault(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        body = PAGE.encode()
        self.send_response(200)
        self.send_header("Content-Type", "text/html")
        self.send_header("Set-Cookie", "s=session-cookie-99")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *args):
        pass


@contextlib.contextmanager
def vault(r):
    """The small site, and its step files: a folder below rules/sops, and no more."""
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Vault)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    base = "http://127.0.0.1:%d/" % server.server_port
    os.makedirs(os.path.join(r.rules, "sops", "vault"))
    write = lambda name, tree: json.dump(tree, open(os.path.join(r.rules, "sops", "vault", name), "w"))
    write("site.json", {"about": "a site", "title": "the vault", "window": {"width": 800, "height": 600}, "pages": {"home": base + "?key=tok-in-query-77"},
                        "own": base, "values": {}})
    write("open.json", {"about": "Opens it", "title": "open the vault", "takes": {"word": "any word"}, "credits": 0, "seconds": 1, "steps": [
        {"name": "go there", "act": "go", "to": "@pages.home"},
        {"name": "press the button", "act": "click", "on": {"css": "button", "text": "$word"}, "within_ms": 300, "why": "there is no button",
         "cure": "draw a button"}]})
    try:
        yield base
    finally:
        server.shutdown()
        server.server_close()


def test_a_failed_procedure_leaves_its_page_and_no_secret():
    with Root(dict(BROWSER), env={"FAL_KEY": "sk-known-key-1234567"}) as r, vault(r):
        for _ in range(2):
            done = slated(r, "sop", "run", "open", "--site", "vault", "--set", "word=sk-known-key-1234567")
            assert done.returncode == 1 and "cure: draw a button" in done.stderr and ".slated/mishaps/" in done.stderr, done.stdout + done.stderr
        assert len(mishaps(r)) == 2
        folder = mishaps(r)[0]
        text = {name: open(os.path.join(folder, name), "rb").read() for name in os.listdir(folder)}
        assert sorted(text) == ["WHY.txt", "console.txt", "page.html", "screenshot.png", "trace.txt"], sorted(text)
        for name, found in text.items():
            for secret in SECRETS:
                assert secret.encode() not in found, (name, secret, found)
        assert b"there is no button" in text["WHY.txt"] and b"Cure:  draw a button" in text["WHY.txt"]
        assert b"Oslo" in text["page.html"] and b'href="/next?***"' in text["page.html"] and b"key ***" in text["console.txt"]
        assert b'"act":"click"' in text["trace.txt"] and text["screenshot.png"][:4] == b"\x89PNG"
        r.set_policy({"browser": dict(BROWSER["browser"], mishaps=1)})
        slated(r, "sop", "run", "open", "--site", "vault", "--set", "word=x")
        assert len(mishaps(r)) == 1 and mishaps(r)[0] > folder


def test_a_job_that_fails_names_its_folder():
    with Site() as site, Root(BROWSER) as r:
        use(r, site, ("thumbnail",))
        site.post("set", {"loggedIn": False})
        r.drop("p.json", products(1))
        r.start()
        needs = lambda: open(r.path("NEEDS-YOU.md")).read() if os.path.exists(r.path("NEEDS-YOU.md")) else ""
        named = wait(lambda: re.search(r"\.slated/mishaps/[\w-]+", needs()), 60, needs)[0]
        assert "nobody is signed in" in needs() and "slated resume dzine" in needs()
        assert sorted(os.listdir(r.path(named))) == ["WHY.txt", "console.txt", "page.html", "screenshot.png", "trace.txt"]
        assert "Sign in to continue" in open(r.path(named, "page.html")).read()
        assert "see that somebody is signed in" in open(r.path(named, "trace.txt")).read()
        assert site.ledger()["spent"] == 0


def test_a_job_that_fails_for_good_is_told_with_its_folder():
    with Site() as site, Root(dict(BROWSER)) as r:
        use(r, site, ("thumbnail",))
        only(r, "thumbnail")
        for name, changes in (("sops/dzine/procedures.json", (('"within_ms": 4000', '"within_ms": 300'), ('"within_ms": 1500', '"within_ms": 200'))),
                              ("sops/dzine/site.json", (('"header_text": "Text to Image"', '"header_text": "Nowhere"'),)),
                              ("models/routing.json", (('{"engine": "local", "model": "embedded"}', '{"engine": "dzine", "model": "Z-Image"}'),))):
            path = os.path.join(r.rules, name)
            text = open(path).read()
            for old, new in changes:
                assert old in text, (name, old)
                text = text.replace(old, new)
            open(path, "w").write(text)
        r.drop("p.json", products(1))
        done = r.once(120)
        assert done.returncode == 2, done.stdout + done.stderr
        needs, drop = open(r.path("NEEDS-YOU.md")).read(), os.listdir(r.path("taken"))[0]
        named = re.search(r"\.slated/mishaps/[\w-]+", needs)[0]
        assert os.path.isdir(r.path(named)) and "does not open" in needs, needs
        assert named in r.receipt("p.json") and named in open(r.path("taken", drop, "report.html")).read()
        assert "sidebar_text in site.json" in open(r.path(named, "WHY.txt")).read() and site.ledger()["spent"] == 0


def test_a_click_in_doubt_leaves_its_page():
    with Site() as site, Root(dict(BROWSER)) as r:
        use(r, site, ("thumbnail",), load_ms=3000)
        only(r, "thumbnail")
        path = os.path.join(r.rules, "sops", "dzine", "site.json")
        text = open(path).read()
        for old, new in (('"credits": {"css": ".credits"}', '"credits": {"css": ".nowhere"}'), ('"trace": {', '"trace": {"every_s": 1,'),
                         ('{"act": "wait", "for": {"all": [{"count": "@tools", "least": 5}, {"seen": "@credits"}]}, "within_ms": 15000}', '{"act": "wait", "for": {"count": "@tools"}}')):
            assert old in text, old
            text = text.replace(old, new)
        open(path, "w").write(text)
        site.post("trouble", [{"kind": "stall"}, {"kind": "hang_at_click", "page": True}])
        r.drop("p.json", products(1))
        r.start()
        needs = lambda: open(r.path("NEEDS-YOU.md")).read() if os.path.exists(r.path("NEEDS-YOU.md")) else ""
        named = wait(lambda: re.search(r"\.slated/mishaps/[\w-]+", needs()), 50, lambda: needs() + str(r.jobs(r.status()[0]["drop"])))[0]
        assert "in doubt" in needs() and "neither a new result nor the balance" in needs(), needs()
        assert sorted(os.listdir(r.path(named))) == ["WHY.txt", "console.txt", "page.html", "screenshot.png", "trace.txt"], os.listdir(r.path(named))
        why, page = open(r.path(named, "WHY.txt")).read(), open(r.path(named, "page.html")).read()
        assert "Generating" in page and "its card in approve/" in why, (why, page)
        trace = open(r.path(named, "trace.txt")).read()
        assert "type the prompt" in trace and trace.count("the look for its trace") == 5, trace
        assert len(mishaps(r)) == 1 and len(site.ledger()["jobs"]) == 1


def test_the_doctor_says_what_is_missing():
    with Site() as site, Root(BROWSER) as r:
        use(r, site, ("thumbnail",))
        well = slated(r, "browser", "doctor", "--json")
        assert well.returncode == 0, well.stdout + well.stderr
        rows = {c["check"]: c for c in json.loads(well.stdout)[0]["checks"]}
        assert set(rows) >= {"reachable", "websocket", "pages", "site", "signed in", "window", "zoom", "language", "dialogs", "balance", "awake"}
        assert rows["balance"]["found"] == "10000 credits" and rows["window"]["found"].startswith("1440 x 900")
        site.post("trouble", [{"kind": "dialog", "button": "Got it", "page": True}])
        assert "open: Got it" in wait(lambda: slated(r, "browser", "doctor").stdout, 1)
        site.post("set", {"loggedIn": False})
        out = slated(r, "browser", "doctor")
        assert out.returncode == 2 and re.search(r"BAD  signed in +nobody is signed in\n +cure: +sign in", out.stdout), out.stdout
        with socket.socket() as closed:
            closed.bind(("127.0.0.1", 0))
            set_browser(r, urls=["http://127.0.0.1:%d" % closed.getsockname()[1]])
            gone = slated(r, "browser", "doctor")
            assert gone.returncode == 2 and "BAD  reachable   no browser answers" in gone.stdout and "--remote-debugging-port" in gone.stdout, gone.stdout
        set_browser(r)
        none = slated(r, "browser", "doctor")
        assert none.returncode == 2 and "--remote-debugging-port=18800" in none.stdout and '"urls"' in none.stdout


if __name__ == "__main__":
    main([v for k, v in sorted(globals().items()) if k.startswith("test_")])
