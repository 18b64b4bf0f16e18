#!/usr/bin/env python3
"""What an engine's results are fetched from misbehaves: the file is told by its bytes, nothing endless or slow holds the daemon up, a key stays
at home, and what was paid for is fetched again instead of bought again."""
import glob
import os
import time

from harness import main, products
from test_lookup import PROVIDER, Desk, DeskRoot, Handler, png

KEY = "canary-7d1f-key-of-the-desk"
DOWNLOAD = {"url": "{item}", "keyed": True, "max_bytes": 300000, "timeout_s": 4}


class Stage(Desk):
    """A desk whose pictures come badly the first `times` times each, in the way called `how`."""

    def __init__(self, how, times=1, give_up_s=600):
        super().__init__()
        self.give_up_s = give_up_s
        self.how, self.times, self.asked, self.keys_abroad = how, times, {}, 0
        self.RequestHandlerClass = StageHandler


class StageHandler(Handler):
    def do_GET(self):
        desk, path = self.server, self.path.partition("?")[0]
        if not path.startswith("/img/"):
            return super().do_GET()
        if self.headers["Host"].startswith("localhost"):
            desk.keys_abroad += "Authorization" in self.headers
            return super().do_GET()
        with desk.lock:
            n = desk.asked[path] = desk.asked.get(path, 0) + 1
        if 0 <= desk.times < n:
            return super().do_GET()
        return getattr(self, desk.how)(path)

    def wrong_type(self, path):
        self.answer(png(int(path[5:])), media="text/html")

    def page(self, path):
        self.answer(b"<html><body>Checking your browser</body></html>", media="image/png")

    def nothing(self, path):
        self.answer(b"", media="image/png")

    def gone(self, path):
        self.answer(b"try later", 503, "text/plain")

    def cut(self, path):
        data = png(int(path[5:]))
        self.send_response(200)
        self.send_header("Content-Length", str(len(data)))
        self.end_headers()
        self.wfile.write(data[:len(data) // 2])
        self.close_connection = True

    def endless(self, path):
        self.send_response(200)
        self.end_headers()
        try:
            while True:
                self.wfile.write(b"\0" * 65536)
        except OSError:
            self.close_connection = True

    def drip(self, path):
        self.send_response(200)
        self.send_header("Content-Length", "100000")
        self.end_headers()
        try:
            for _ in range(60):
                self.wfile.write(b"\x89")
                time.sleep(0.5)
        except OSError:
            pass
        self.close_connection = True

    def move(self, to):
        self.send_response(302)
        self.send_header("Location", to)
        self.send_header("Content-Length", "0")
        self.end_headers()

    def circle(self, path):
        self.move(path)

    def abroad(self, path):
        self.move("http://localhost:%d%s" % (self.server.server_address[1], path))

    def file(self, path):
        self.move("file:///etc/hostname")


class StageRoot(DeskRoot):
    def __init__(self, desk):
        steps = dict(PROVIDER["steps"], download=DOWNLOAD, poll=dict(PROVIDER["steps"]["poll"], give_up_s=desk.give_up_s))
        super().__init__(desk, key_env="DESK_KEY", headers={"Authorization": "Bearer ${DESK_KEY}"}, steps=steps)
        self.env["DESK_KEY"] = KEY
        self.drop("products.json", products(1))

    def made(self):
        return self.count("SELECT COUNT(*) FROM jobs WHERE engine = 'desk' AND state = 'done'")

    def wanted(self):
        return self.count("SELECT COUNT(*) FROM jobs WHERE engine = 'desk'")


def run(how, times, exits, **more):
    desk = Stage(how, times, **more)
    try:
        with StageRoot(desk) as r:
            began = time.monotonic()
            done = r.once(120)
            said = "%s: %s %d of %d made, %d bought, asked %s\n%s" % (how, done.returncode, r.made(), r.wanted(), len(desk.jobs), desk.asked,
                                                                     done.stdout[-2500:] + done.stderr[-2500:])
            assert done.returncode == exits, said
            assert len(desk.jobs) == len(set(desk.jobs)), said
            assert r.cli("spend", "--check").returncode == 0, said
            assert KEY not in done.stdout + done.stderr, "the key is told"
            for path in glob.glob(r.path("out", "**", "*.png"), recursive=True):
                assert open(path, "rb").read(4) == b"\x89PNG", path
            page = r.path("NEEDS-YOU.md")
            told = open(page).read() if os.path.exists(page) else ""
            return desk, r.made(), r.wanted(), time.monotonic() - began, done.stdout + done.stderr + told
    finally:
        desk.shutdown()


def test_a_file_is_told_by_its_bytes_and_not_by_its_name():
    desk, made, wanted, _, said = run("wrong_type", -1, 0)
    assert made == wanted == len(desk.jobs) > 0 and set(desk.asked.values()) == {1}, (made, wanted, desk.asked, said)


def test_what_comes_badly_once_is_fetched_again_and_not_bought_again():
    for how in ("page", "nothing", "gone", "cut", "endless", "drip", "circle", "file"):
        desk, made, wanted, seconds, said = run(how, 1, 0)
        assert made == wanted == len(desk.jobs) > 0, (how, made, wanted, len(desk.jobs), said)
        print("%s: %d made, %d bought, %.1f s" % (how, made, len(desk.jobs), seconds))


def test_a_key_does_not_go_abroad_with_a_redirect():
    desk, made, wanted, _, said = run("abroad", -1, 0)
    assert made == wanted == len(desk.jobs) > 0 and desk.keys_abroad == 0, (made, wanted, desk.keys_abroad, said)


def test_a_result_without_end_is_cut_and_asked_about():
    desk, made, wanted, _, said = run("endless", -1, 2, give_up_s=3)
    assert made == 0 and len(desk.jobs) == wanted and "longer than the 300000 bytes" in said, (made, len(desk.jobs), said)


def test_what_stays_unusable_is_fetched_three_times_for_each_buying():
    desk, made, wanted, _, said = run("page", -1, 2)
    assert made == 0 and desk.jobs and set(desk.asked.values()) == {3}, (made, desk.asked, said)


if __name__ == "__main__":
    main([v for k, v in sorted(globals().items()) if k.startswith("test_")])
