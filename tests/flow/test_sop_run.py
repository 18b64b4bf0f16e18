#!/usr/bin/env python3
"""A procedure done by hand, what a failed one leaves, and the look at the browsers: in a real browser, on the pages of
tests/simulators/dzine and on a small site of its own that is full of secrets."""
import contextlib
import fcntl
import glob
import http.server
import json
import os
import re
import signal
import socket
import subprocess
import threading
import time

from harness import SLATED, Root, main, products, wait
from stand_in import BROWSER, Chromium, Site, only, use


def slated(r, *args, stdin=None, seconds=60):
    """The command, in a folder of its own below the test's."""
    return subprocess.run([SLATED, *args, "--root", r.root, "--rules", r.rules], input=stdin, capture_output=True, text=True, cwd=r.dir,
                          timeout=seconds, stdin=subprocess.DEVNULL if stdin is None else None, env=r.env)


def by_hand(r, *args, stdin=None):
    return slated(r, "sop", "run", "thumbnail", "--set", "prompt=A lamp on a desk", *args, stdin=stdin)


def set_browser(r, **browser):
    path = os.path.join(r.rules, "policy.json")
    policy = json.load(open(path))
    policy["browser"] = browser
    json.dump(policy, open(path, "w"))


def mishaps(r):
    return sorted(glob.glob(r.path(".slated", "mishaps", "*")))


def test_a_procedure_is_done_by_hand_and_leaves_no_tab():
    with Site() as site, Root() as r, Chromium(r.dir) as browser:
        use(r, site, ("thumbnail",))
        set_browser(r, urls=[browser.url])
        before = [p["id"] for p in browser.pages()]
        done = by_hand(r, "--yes", "--shots", "shots", "--out", "lamp.png")
        assert done.returncode == 0, done.stdout + done.stderr
        assert site.ledger()["spent"] == 4 and open(os.path.join(r.dir, "lamp.png"), "rb").read(4) == b"\x89PNG"
        for words in ("fill the prompt / type the prompt", "This costs 4 credits", "done, 4 credits spent", "lamp.png"):
            assert words in done.stdout, (words, done.stdout)
        assert len(glob.glob(os.path.join(r.dir, "shots", "*.png"))) >= 15
        spent = json.loads(slated(r, "spend", "--by", "engine", "--json").stdout)["rows"]
        assert [(row["name"], row["spent"]) for row in spent] == [("dzine", 0.02)], spent
        assert "sound" in slated(r, "spend", "--check").stdout
        wait(lambda: [p["id"] for p in browser.pages()] == before, 5, lambda: "the tab to be closed: %s" % browser.pages())
        assert not glob.glob(r.path(".slated", "by-hand-*")) and not mishaps(r)
        again = by_hand(r, "--yes", "--out", "lamp.png")
        assert again.returncode == 1 and "is there already" in again.stderr and site.ledger()["spent"] == 4


def test_a_daemon_waits_while_somebody_works_by_hand():
    with Site() as site, Root() as r, Chromium(r.dir) as browser:
        use(r, site, ("thumbnail",))
        only(r, "thumbnail")
        set_browser(r, urls=[browser.url])
        r.start()
        hand = start_by_hand(r)
        wait(lambda: browser.pages(site.base), 20, "the tab of the one who works by hand")
        r.drop("p.json", products(1))
        wait(lambda: any(j["state"] == "running" for j in r.jobs(r.taken()[0]["drop"])["list"]), 20, "the job")
        time.sleep(1.5)
        assert len(browser.pages(site.base)) == 1 and site.ledger()["spent"] == 0
        hand.stdin.write("g\n")  # to its end, with a purchase that the daemon books
        said = hand.communicate(timeout=60)[0]
        assert hand.returncode == 0 and "booked: 0.02 at dzine" in said and "done, 4 credits" in said, said
        r.ended(1, 60)
        assert site.ledger()["spent"] == 8 and "dzine/thumbnail.png" in " ".join(r.tree())
        assert not os.listdir(r.path(".slated", "work"))
        rows = json.loads(slated(r, "spend", "--by", "drop", "--json").stdout)["rows"]
        assert sorted((row["name"] == "by hand", row["spent"]) for row in rows) == [(False, 0.02), (True, 0.02)], rows
        assert "sound" in slated(r, "spend", "--check").stdout


def test_a_daemon_that_ends_leaves_no_tab():
    with Site(1) as site, Root() as r, Chromium(r.dir) as browser:
        use(r, site, ("thumbnail",))
        only(r, "thumbnail")
        set_browser(r, urls=[browser.url])
        for frozen in (False, True):
            r.start()
            r.drop("p%d.json" % frozen, products(1, video_id="v%d" % frozen))
            wait(lambda: browser.pages(site.base), 20, "its tab")
            if frozen:
                browser.signal(signal.SIGSTOP)
            code, seconds = r.stop(10)
            assert code == 0 and seconds < 2.5, (frozen, code, seconds)
            if not frozen:
                wait(lambda: not browser.pages(site.base), 3, lambda: "no tab of ours: %s" % browser.pages())


def test_each_step_waits_for_a_key():
    with Site() as site, Root(BROWSER) as r:
        use(r, site, ("thumbnail",))
        done = by_hand(r, "--step", stdin="\n\ns\n?\nq\n")
        assert done.returncode == 2 and "Stopped." in done.stdout and "go on without asking" in done.stdout, done.stdout + done.stderr
        assert len(glob.glob(os.path.join(r.dir, "*.png"))) == 1 and "see that somebody is signed in" in done.stdout
        assert "open text to image" not in done.stdout and site.ledger()["spent"] == 0


def test_what_costs_is_asked_for_and_capped():
    with Site() as site, Root(BROWSER) as r:
        use(r, site, ("thumbnail",))
        no = by_hand(r, stdin="n\n")
        assert no.returncode == 2 and "Go on? [y/N]" in no.stdout and "nothing was paid for" in no.stdout, no.stdout + no.stderr
        r.set_policy({"browser": BROWSER["browser"], "money": {"cap_day": 0.01}})
        capped = by_hand(r, "--yes")
        assert capped.returncode == 1 and "cap" in capped.stderr + capped.stdout and "is not made" in capped.stderr, capped.stdout + capped.stderr
        assert site.ledger()["spent"] == 0 and "nothing was spent" in slated(r, "spend").stdout


def test_it_begins_at_a_step_that_is_named():
    with Site() as site, Root(BROWSER) as r:
        use(r, site, ("thumbnail",))
        wrong = by_hand(r, "--from", "fill the promt")
        assert wrong.returncode == 1 and 'did you mean "fill the prompt"' in wrong.stderr, wrong.stderr
        done = by_hand(r, "--from", "open text to image", "--slow=50", stdin="n\n")
        assert done.returncode == 2 and "prepare the canvas" not in done.stdout and "press Generate" in done.stdout, done.stdout + done.stderr


def test_faults_of_the_wishes_are_all_named():
    with Root(BROWSER) as r:
        bad = slated(r, "sop", "run", "faithful", "--set", "colour=red", "--set", "scale")
        for words in ("takes no colour", "--set scale=VALUE", "needs ref", "1.5x, 2x, 3x or 4x"):
            assert words in bad.stderr, (words, bad.stderr)
        assert bad.returncode == 1
        for words in (("list", "--step"), ("check", "--set", "a=b"), ("run", "thumbnail", "--json", "--set", "prompt=x")):
            assert slated(r, "sop", *words).returncode == 1, words
        slow = by_hand(r, "--slow=soon")
        assert slow.returncode == 1 and "--slow takes milliseconds, not soon" in slow.stderr
        none = slated(r, "sop", "run", "thumbnai", "--set", "prompt=x")
        assert none.returncode == 1 and "did you mean thumbnail" in none.stderr


def test_a_browser_that_another_slated_drives_is_left_alone():
    with Site() as site, Root(BROWSER) as r:
        use(r, site, ("thumbnail",))
        os.makedirs(r.path(".slated", "browser"))
        with open(r.path(".slated", "browser", "lease-0"), "w") as lease:
            fcntl.lockf(lease, fcntl.LOCK_EX)
            busy = by_hand(r, "--yes")
            assert busy.returncode == 2 and "driven by another slated (pid %d)" % os.getpid() in busy.stderr, busy.stderr
            assert "BAD  free" in slated(r, "browser", "doctor").stdout
        assert site.ledger()["spent"] == 0


def start_by_hand(r):
    """One that stands before its second step."""
    process = subprocess.Popen([SLATED, "sop", "run", "thumbnail", "--set", "prompt=A lamp", "--step", "--yes", "--root", r.root, "--rules", r.rules],
                               stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, cwd=r.dir)
    process.stdin.write("\n")
    process.stdin.flush()
    return process


def test_ctrl_c_closes_the_tab():
    with Site() as site, Root() as r, Chromium(r.dir) as browser:
        use(r, site, ("thumbnail",))
        set_browser(r, urls=[browser.url])
        process = start_by_hand(r)
        wait(lambda: browser.pages(site.base), 20, "our tab")
        process.send_signal(signal.SIGINT)
        said = process.communicate(timeout=15)[1]
        assert process.returncode == 1 and "the tab is closed" in said, said
        wait(lambda: not browser.pages(site.base), 5, lambda: "no tab of ours: %s" % browser.pages())


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
