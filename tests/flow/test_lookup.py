#!/usr/bin/env python3
"""An engine that can be asked whether it has the work: lost answers and kills end in nothing bought twice, nothing lost and nothing in doubt."""
import glob
import http.server
import json
import os
import random
import sqlite3
import struct
import threading
import time
import urllib.parse
import zlib

from harness import Root, main, products, wait

KILLS = 15
PROVIDER = {
    "about": "A small engine of the test", "title": "the desk", "carrier": "http", "private": True, "attempts": 2, "seconds": 1,
    "limits": {"at_once": 4}, "ops": {"product.scene": {}}, "models": {"desk": {"price": 0.01}}, "error": "/error",
    "steps": {
        "submit": {"url": "{base}/make", "method": "POST", "body": {"prompt": {"from": "prompt"}, "handle": {"from": "handle"}}, "reply": {"id": "/id"}},
        "poll": {"url": "{base}/job/{reply.id}", "first_ms": 50, "most_ms": 100,
                 "answers": [{"at": "/done", "is": False, "class": "pending"}, {"at": "/done", "is": True, "class": "ok"}]},
        "result": {"url": "{base}/job/{reply.id}", "results": [{"each": "/url"}]},
        "lookup": {"url": "{base}/find?handle={handle}", "reply": {"id": "/id"}, "answers": [{"status": 404, "class": "bad_request"}]},
    },
}


def png(seed):
    width = height = 64
    rows = b"".join(b"\0" + bytes((seed * 7 + x * y) % 256 for x in range(width * 3)) for y in range(height))

    def chunk(kind, data):
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)) + chunk(b"IDAT", zlib.compress(rows)) + chunk(b"IEND", b"")


class Desk(http.server.ThreadingHTTPServer):
    daemon_threads = True
    request_queue_size = 4096

    def __init__(self):
        super().__init__(("127.0.0.1", 0), Handler)
        self.jobs, self.by_handle, self.lock = [], {}, threading.Lock()
        self.dice, self.lose, self.delay = random.Random(3), 0.0, 0.05
        self.url = "http://127.0.0.1:%d" % self.server_address[1]
        threading.Thread(target=self.serve_forever, daemon=True).start()

    def handle_error(self, request, client):
        pass


class Handler(http.server.BaseHTTPRequestHandler):
    def log_message(self, *args):
        pass

    def answer(self, body, status=200, media="application/json"):
        data = body if isinstance(body, bytes) else json.dumps(body).encode()
        self.send_response(status)
        self.send_header("Content-Type", media)
        self.send_header("Content-Length", str(len(data)))
        self.end_headers()
        self.wfile.write(data)

    def do_POST(self):
        desk = self.server
        asked = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        with desk.lock:
            lost = desk.dice.random()
            if lost < desk.lose / 2:
                self.close_connection = True
                return
            desk.jobs.append(asked["handle"])
            number = desk.by_handle[asked["handle"]] = len(desk.jobs)
        time.sleep(desk.delay)
        if lost < desk.lose:
            self.close_connection = True
            return
        self.answer({"id": str(number)})

    def do_GET(self):
        desk, path = self.server, urllib.parse.urlparse(self.path)
        if path.path == "/find":
            number = desk.by_handle.get(urllib.parse.parse_qs(path.query)["handle"][0])
            self.answer({"id": str(number)} if number else {"error": "never heard of it"}, 200 if number else 404)
        elif path.path.startswith("/job/"):
            self.answer({"done": True, "url": desk.url + "/img/" + path.path[5:]})
        else:
            self.answer(png(int(path.path[5:])), media="image/png")


class DeskRoot(Root):
    def __init__(self, desk, policy=None, **more):
        super().__init__(policy)
        self.leave_ungated("desk")
        json.dump(dict(PROVIDER, base=desk.url, **more), open(os.path.join(self.rules, "providers", "desk.json"), "w"))
        types = {"product": {"*": [{"engine": "desk", "model": "desk"}]}, "*": {"*": [{"engine": "local", "model": "embedded"}]}}
        json.dump({"about": "test", "use": "standard", "profiles": {"standard": {"about": "test", "types": types}}},
                  open(os.path.join(self.rules, "models", "routing.json"), "w"))

    def count(self, sql):
        db = sqlite3.connect("file:%s?mode=ro" % self.path(".slated", "slated.db"), uri=True, timeout=10)
        try:
            return db.execute(sql).fetchone()[0]
        finally:
            db.close()


def check(r, desk, done):
    made = r.count("SELECT COUNT(*) FROM jobs WHERE engine = 'desk' AND state = 'done'")
    wanted = r.count("SELECT COUNT(*) FROM jobs WHERE engine = 'desk'")
    assert made == wanted > 0, (made, wanted, done.stdout[-2000:] + done.stderr[-2000:])
    assert len(desk.jobs) == len(set(desk.jobs)) == made, (len(desk.jobs), made)
    assert r.count("SELECT COUNT(*) FROM attempts WHERE state NOT IN ('settled', 'refunded')") == 0
    assert r.count("SELECT settled_u FROM purses WHERE scope = 'all'") == made * 10000
    assert r.cli("spend", "--check").returncode == 0
    assert not glob.glob(r.path("approve", "*.md"))


def test_a_lost_answer_is_looked_up_and_sent_again_only_when_it_never_came():
    desk = Desk()
    desk.lose = 0.5
    with DeskRoot(desk) as r:
        r.drop("products.json", products(4))
        done = r.once(240)
        check(r, desk, done)
    desk.shutdown()


def test_kills_leave_nothing_in_doubt_where_it_can_be_looked_up():
    desk, shots = Desk(), random.Random(11)
    desk.lose = 0.2
    with DeskRoot(desk) as r:
        r.drop("products.json", products(6))
        for _ in range(KILLS):
            r.start()
            time.sleep(shots.uniform(0.02, 0.35))
            r.kill()
        check(r, desk, r.once(240))
        print("%d kills, %d made" % (KILLS, len(desk.jobs)))
    desk.shutdown()


def test_a_cap_holds_with_64_submits_at_once():
    desk = Desk()
    with DeskRoot(desk, {"money": {"cap_drop": 0.105}}, limits={"at_once": 64}) as r:
        r.drop("products.json", products(20))
        assert r.once(240).returncode == 2
        assert len(desk.jobs) == 10, len(desk.jobs)
        assert r.count("SELECT settled_u + reserved_u FROM purses WHERE scope = 'all'") == 100000
        assert r.cli("spend", "--check").returncode == 0
    desk.shutdown()


def write(r, *texts):
    db = sqlite3.connect(r.path(".slated", "slated.db"), timeout=10)
    for text in texts:
        db.execute(text)
    db.commit()
    db.close()


def test_a_retry_that_finds_the_work_takes_its_question_back():
    desk = Desk()
    with DeskRoot(desk) as r:
        r.one_picture_a_product("desk", "desk")
        desk.delay = 3
        r.drop("products.json", products(2))
        r.start()
        wait(lambda: len(desk.jobs) == 2, what="both to be accepted")
        r.kill()
        desk.delay = 0.05
        write(r, "UPDATE attempts SET state = 'doubt'", "UPDATE jobs SET state = 'held', next_at_s = 0, error = 'in doubt' WHERE engine = 'desk'")
        r.start()
        wait(lambda: len(glob.glob(r.path("approve", "in doubt*.md"))) == 2, what="both questions")
        assert r.cli("retry", r.status()[0]["drop"]).returncode == 0
        r.ended()
        assert len(desk.jobs) == 2 and r.count("SELECT COUNT(*) FROM attempts WHERE state = 'settled'") == 2
        assert not glob.glob(r.path("approve", "**", "*.md"), recursive=True), "it is still asked what is known by now"
        assert r.count("SELECT COUNT(*) FROM cards WHERE state = 'asked'") == 0
    desk.shutdown()


if __name__ == "__main__":
    main([test_a_lost_answer_is_looked_up_and_sent_again_only_when_it_never_came, test_kills_leave_nothing_in_doubt_where_it_can_be_looked_up,
          test_a_cap_holds_with_64_submits_at_once, test_a_retry_that_finds_the_work_takes_its_question_back])
