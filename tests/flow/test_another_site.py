#!/usr/bin/env python3
"""A web site of quite another shape than the canvas: a form, a gallery that has to be loaded again, a banner in the way, downloads by links. It is
driven through the daemon by a folder of step files and a provider file that this test writes, in a real browser, with no step file of the canvas there."""
import http.server
import json
import os
import shutil
import struct
import threading
import time
import urllib.parse
import zlib

from dzine_set import only
from harness import Root, main, products, wait
from stand_in import BROWSER

PRICE = {"Wide": 2, "Tall": 5}
HEAD = "<!doctype html><meta charset=utf-8><title>Easel</title><style>body{width:900px} #terms{position:fixed;inset:0;background:#fffd}</style>"
FORM = HEAD + """<nav>Coins left: %d</nav><h1>What shall we paint?</h1><form method="post" action="/paint">
<p><textarea name="words" rows="6" cols="60" maxlength="900"></textarea></p>
<p><label><input type="radio" name="shape" value="Tall" checked> Tall</label> <label><input type="radio" name="shape" value="Wide"> Wide</label></p>
<p><input type="submit" value="Paint it"></p></form>"""
TERMS = """<div id="terms"><p>We have new terms.</p><button onclick="fetch('/agree',{method:'POST'}).then(()=>this.parentNode.remove())">I agree</button></div>"""
PIECE = """<figure><img class="piece" src="/pieces/%d.png" width="160"><figcaption>%s</figcaption><a class="save" href="/pieces/%d.png" download="piece.png">Save</a></figure>"""

SITE = {
    "about": "A painter with a form", "title": "the easel", "window": {"width": 1000, "height": 700}, "own": "BASE",
    "pages": {"form": "BASEpaint", "gallery": "BASEgallery"}, "signed_in": {"gone": {"css": "#password"}},
    "credits": {"css": "nav"}, "in_the_way": {"if": {"seen": "@agree"}, "do": "agree"},
    "trace": {"every_s": 1, "acts": [
        {"act": "go", "to": "@pages.gallery", "within_ms": 5000}, {"act": "look", "for": "@signed_in", "as": "signed_in"},
        {"act": "list", "of": "@pieces", "attribute": "src", "as": "now"}, {"act": "read", "of": "@credits", "number": True, "as": "balance_now"}]},
    "values": {"pieces": {"css": "img.piece"}, "agree": {"css": "#terms button"}, "box": {"css": "textarea"}},
}
PROCEDURES = {"about": "What both do", "procedures": {
    "agree": {"about": "New terms are agreed to", "steps": [{"name": "agree", "act": "click", "on": "@agree", "may_fail": True}]},
    "paint": {"about": "The form, and the gallery after it", "takes": ["words", "shape", "coins"], "steps": [
        {"name": "see the gallery", "act": "go", "to": "@pages.gallery"},
        {"name": "see who is there", "act": "wait", "for": "@signed_in", "within_ms": 2000, "class": "auth", "why": "nobody is signed in"},
        {"name": "remember the pieces", "act": "list", "of": "@pieces", "attribute": "src", "as": "before"},
        {"name": "remember the coins", "act": "read", "of": "@credits", "number": True, "as": "balance"},
        {"name": "remember where they come", "act": "set", "as": "page", "to": "@pages.gallery"},
        {"name": "open the form", "act": "go", "to": "@pages.form"},
        {"name": "into the box", "act": "click", "on": "@box"},
        {"name": "say what", "act": "type", "text": "$words", "select_all": True, "max": 900, "expect": {"focus_has": "$words"}},
        {"name": "choose the shape", "act": "click", "on": {"css": "label", "text": "$shape"}},
        {"name": "have it painted", "act": "click", "on": {"role": "button", "text": "Paint it"}, "once": True, "credits": "$coins"},
        {"name": "see that it was sent", "act": "wait", "for": {"address": "/gallery"}, "within_ms": 10000},  # a page opened before would take the form back
        {"name": "wait for it to dry", "act": "poll", "until": {"more": "@pieces", "than": "$before"}, "every_ms": 200, "within_ms": 15000,
         "meanwhile": [{"name": "look again", "act": "go", "to": "@pages.gallery"}]},
        {"name": "see the coins", "act": "read", "of": "@credits", "number": True, "as": "after", "spent_since": "$balance"}]}}}


def procedure(op, shape, last):
    return {"about": op, "title": op, "ops": [op], "takes": {"prompt": "the text"}, "credits": PRICE[shape], "seconds": 5, "retry": [{"from": "paint it"}],
            "steps": [{"name": "paint it", "act": "call", "procedure": "paint", "with": {"words": "$prompt", "shape": shape, "coins": PRICE[shape]}}] + last}


FETCH = [{"name": "find it", "act": "list", "of": "@pieces", "attribute": "src", "not_in": "$before", "as": "fresh"},
         {"name": "take it", "act": "fetch", "from": "$fresh", "to": "picture", "at_least": 1024, "as": "fetched"}]
SAVE = [{"name": "find it", "act": "list", "of": "@pieces", "attribute": "src", "not_in": "$before", "as": "fresh"},
        {"name": "save it", "act": "download", "on": {"css": "a.save", "beside": "$fresh"}, "to": "picture", "at_least": 1024, "as": "fetched"}]


def png(seed, width=1536, height=864):
    """Bars under a grain of their own."""
    def chunk(kind, data):
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))
    bars = [bytes(b & 15 | 40 * ((i + seed) % 6) for b in os.urandom(700)) for i in range(5)]
    rows = b"".join(b"\0" + (b"".join(bars[(i + y // 200) % 5] for i in range(7)))[:width * 3] for y in range(height))
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)) + chunk(b"IDAT", zlib.compress(rows, 1)) + chunk(b"IEND", b"")


class Easel(http.server.BaseHTTPRequestHandler):
    def log_message(self, *args):
        pass

    def answer(self, body, media="text/html", status=200, **more):
        data = body if isinstance(body, bytes) else body.encode()
        self.send_response(status)
        self.send_header("Content-Type", media)
        self.send_header("Content-Length", str(len(data)))
        for name, value in more.items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(data)

    def do_GET(self):
        shop = self.server
        if self.path == "/paint":
            self.answer(FORM % shop.coins + ("" if shop.agreed else TERMS))
        elif self.path == "/gallery":
            dry = [(n, job) for n, job in enumerate(shop.jobs) if time.monotonic() >= job["dry"]]
            self.answer(HEAD + "<nav>Coins left: %d</nav>" % shop.coins + "".join(PIECE % (n, job["words"], n) for n, job in dry))
        elif self.path.startswith("/pieces/"):
            job = shop.jobs[int(self.path[8:-4])]
            with shop.lock:
                data = shop.pieces[self.path] = shop.pieces.get(self.path) or png(len(job["words"]))
            job["fetched"] += self.headers.get("Sec-Fetch-Dest") != "image"
            self.answer(data, "image/png")
        else:
            self.answer("nothing", status=404)

    def do_POST(self):
        shop, body = self.server, self.rfile.read(int(self.headers.get("Content-Length", 0)))
        if self.path == "/agree":
            shop.agreed = True
            return self.answer("")
        wish = {k: v[0] for k, v in urllib.parse.parse_qs(body.decode()).items()}
        shop.coins -= PRICE[wish["shape"]]
        shop.jobs.append(dict(wish, dry=time.monotonic() + 1.0, fetched=0))
        return self.answer("", status=303, Location="/gallery")


class Server(http.server.ThreadingHTTPServer):
    daemon_threads = True

    def handle_error(self, request, client):
        pass  # a page that is left while it loads


class Shop:
    """The site, running, and its files in a root's rules; a context manager."""

    def __init__(self, r):
        self.server = Server(("127.0.0.1", 0), Easel)
        self.server.jobs, self.server.pieces, self.server.coins, self.server.agreed, self.server.lock = [], {}, 100, False, threading.Lock()
        base = "http://127.0.0.1:%d/" % self.server.server_port
        threading.Thread(target=self.server.serve_forever, daemon=True).start()
        shutil.rmtree(os.path.join(r.rules, "sops", "dzine"))
        os.remove(os.path.join(r.rules, "providers", "dzine.json"))
        os.makedirs(os.path.join(r.rules, "sops", "easel"))
        for name, tree in (("site", SITE), ("procedures", PROCEDURES), ("poster", procedure("thumbnail", "Wide", FETCH)), ("ground", procedure("background", "Wide", SAVE))):
            open(os.path.join(r.rules, "sops", "easel", name + ".json"), "w").write(json.dumps(tree).replace("BASE", base))
        json.dump({"about": "The easel", "title": "the easel", "carrier": "browser", "credit": 0.01, "attempts": 2, "seconds": 5, "limits": {"at_once": 1},
                   "ops": {"thumbnail": {}, "background": {}}}, open(os.path.join(r.rules, "providers", "easel.json"), "w"))
        path = os.path.join(r.rules, "models", "routing.json")
        text = open(path).read().replace('"engine": "dzine"', '"engine": "easel"')
        open(path, "w").write(text)
        only(r, "thumbnail", "background")

    def __enter__(self):
        return self.server

    def __exit__(self, kind, value, trace):
        self.server.shutdown()
        self.server.server_close()


def check(r, shop, n):
    rows = {j["op"]: j for j in r.jobs(r.status()[0]["drop"])["list"]}
    assert all(rows[op]["engine"] == "easel" and rows[op]["state"] == "done" for op in ("thumbnail", "background")), rows
    assert [j["shape"] for j in shop.jobs] == ["Wide"] * n and shop.coins == 100 - 2 * n and all(j["fetched"] == 1 for j in shop.jobs), shop.coins
    assert all("lamp" in j["words"].lower() or "background" in j["words"].lower() for j in shop.jobs), shop.jobs
    spent = json.loads(r.cli("spend", "--by", "engine", "--json").stdout)["rows"]
    assert [(row["name"], round(row["spent"], 4)) for row in spent] == [("easel", 0.02 * n)], spent
    assert r.cli("spend", "--check").returncode == 0
    assert sorted(p for p in r.tree() if p.endswith(".png") and "/dzine/" in p and "." not in p.split("/")[-2]), r.tree()


def test_a_form_and_a_gallery_are_driven_by_step_files_alone():
    with Root(dict(BROWSER)) as r, Shop(r) as shop:
        checked = r.cli("sop", "check")
        assert checked.returncode == 0, checked.stdout + checked.stderr
        r.drop("p.json", products(1))
        done = r.once(60)
        assert done.returncode == 0, done.stdout[-3000:] + done.stderr[-2000:]
        check(r, shop, 2)


def test_a_daemon_killed_after_the_click_finds_its_piece_in_the_gallery():
    with Root(dict(BROWSER)) as r, Shop(r) as shop:
        r.drop("p.json", products(1))
        r.start()
        wait(lambda: shop.jobs, 30, "the first form to be sent")
        r.kill()
        r.start()
        r.ended(1, 60)
        check(r, shop, 2)


if __name__ == "__main__":
    main([v for k, v in sorted(globals().items()) if k.startswith("test_")])
