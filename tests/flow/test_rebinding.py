#!/usr/bin/env python3
"""A name that leads to a public address when it is looked at and to this machine when it is connected to. In a network of its own: a name server
whose answers change, a picture server at a public address and one at 127.0.0.1, which must never be asked."""
import http.server
import json
import os
import socketserver
import struct
import subprocess
import sys
import tempfile
import threading

from harness import Root, main, products
from test_lookup import png

PUBLIC, OTHER, HERE = "93.184.216.34", "93.184.216.35", "127.0.0.1"
INSIDE = "SLATED_TEST_INSIDE"


# --- a network of its own ---

def outside():
    """Runs this file once more with its own network, mounts and root's rights; says so where that is not permitted."""
    if subprocess.run(["unshare", "-rnm", "true"], capture_output=True).returncode:
        print("skipped: a name server of the test's own; unshare is not permitted here\n0 passed, 0 failed")
        sys.exit(0)
    sys.exit(subprocess.run(["unshare", "-rnm", sys.executable, os.path.abspath(__file__)] + sys.argv[1:], env=dict(os.environ, **{INSIDE: "1"})).returncode)


def settle_in(folder):
    for words in (["ip", "link", "set", "lo", "up"], *(["ip", "addr", "add", a + "/32", "dev", "lo"] for a in (PUBLIC, OTHER))):
        subprocess.run(words, check=True)
    for path, text in (("/etc/resolv.conf", "nameserver 127.0.0.1\noptions timeout:1 attempts:1\n"), ("/etc/nsswitch.conf", "hosts: dns\n")):
        mine = os.path.join(folder, os.path.basename(path))
        with open(mine, "w") as f:
            f.write(text)
        subprocess.run(["mount", "--bind", mine, os.path.realpath(path)], check=True)


class Names(socketserver.ThreadingUDPServer):
    """names[host] is a list of answers, each a list of addresses; the last one stays. asked[host] counts."""
    daemon_threads = True

    def __init__(self):
        self.names, self.asked = {}, {}
        super().__init__((HERE, 53), Query)
        threading.Thread(target=self.serve_forever, daemon=True).start()


class Query(socketserver.BaseRequestHandler):
    def handle(self):
        query, sock = self.request
        labels, at = [], 12
        while query[at]:
            labels.append(query[at + 1:at + 1 + query[at]].decode())
            at += query[at] + 1
        kind = struct.unpack(">H", query[at + 1:at + 3])[0]
        host, found = ".".join(labels), []
        if kind == 1 and host in self.server.names:
            answers = self.server.names[host]
            found = answers.pop(0) if len(answers) > 1 else answers[0]
            self.server.asked[host] = self.server.asked.get(host, 0) + 1
        code = 0 if host in self.server.names else 3
        head = query[:2] + struct.pack(">HHHHH", 0x8180 | code, 1, len(found), 0, 0) + query[12:at + 5]
        rows = b"".join(b"\xc0\x0c" + struct.pack(">HHIH", 1, 1, 0, 4) + bytes(int(n) for n in a.split(".")) for a in found)
        sock.sendto(head + rows, self.client_address)


class Shop(http.server.ThreadingHTTPServer):
    """Pictures at an address, and a small engine; a redirect to wherever `to` says. asked: the paths it was asked for."""
    daemon_threads = True

    def __init__(self, address):
        self.asked, self.to, self.url = [], None, None
        super().__init__((address, 80), ShopHandler)
        threading.Thread(target=self.serve_forever, daemon=True).start()


class ShopHandler(http.server.BaseHTTPRequestHandler):
    def log_message(self, *args):
        pass

    def answer(self, body, media, status=200, **headers):
        self.send_response(status)
        for name, value in dict(headers, **{"Content-Type": media, "Content-Length": len(body), "Connection": "close"}).items():
            self.send_header(name, str(value))
        self.end_headers()
        self.wfile.write(body)

    def do_GET(self):
        self.server.asked.append(self.path)
        if self.path.startswith("/moved") and self.server.to:
            return self.answer(b"", "text/plain", 302, Location=self.server.to)
        return self.answer(png(len(self.server.asked)), "image/png")

    def do_POST(self):
        self.server.asked.append(self.path)
        self.rfile.read(int(self.headers["Content-Length"]))
        return self.answer(json.dumps({"url": self.server.url}).encode(), "application/json")


def shop_root():
    """Only the photo of a product is wanted, and one picture."""
    r = Root()
    r.one_picture_a_product("local", "embedded")
    path = os.path.join(r.rules, "plans", "products.json")
    plan = json.load(open(path))
    plan["assets"]["reference"]["make"] = True
    json.dump(plan, open(path, "w"))
    return r


def fetch(r, url, exits=(2,)):
    """Drops a product whose photo lies at url; the state and the sentence of the fetch."""
    wish = products(1, "v%d" % len(r.status()))
    wish["products"][0]["image_url"] = url
    r.drop("p%d.json" % len(r.status()), wish)
    done = r.once(60)
    assert done.returncode in exits, done.stdout[-3000:] + done.stderr
    return r.rows("SELECT state, error FROM jobs WHERE engine = 'fetch' ORDER BY id DESC LIMIT 1")[0]


def refused(told):
    assert told[0] == "failed" and "forbidden" in told[1], told


def test_a_name_that_turns_to_this_machine_is_refused_when_it_is_connected_to():
    with shop_root() as r:
        names.names["photos.example.com"] = [[PUBLIC], [HERE]]
        before = len(public.asked)
        assert fetch(r, "http://photos.example.com/1.png", (0,))[0] == "done"
        assert len(public.asked) == before + 1
        refused(fetch(r, "http://photos.example.com/2.png"))  # the same name, looked up once more
        assert names.asked["photos.example.com"] == 2 and not inner.asked, (names.asked, inner.asked)


def test_a_second_address_of_a_name_is_judged_like_the_first():
    with shop_root() as r:
        names.names["two.example.com"] = [["93.184.216.36", HERE]]  # nobody is at the first one
        assert fetch(r, "http://two.example.com/1.png")[0] == "failed" and not inner.asked, inner.asked


def test_a_redirect_to_a_name_of_this_machine_is_refused():
    with shop_root() as r:
        names.names["photos2.example.com"] = [[PUBLIC]]
        names.names["cdn.example.com"] = [[HERE]]
        for to in ("http://cdn.example.com/secret.png", "http://%s/secret.png" % HERE):
            public.to = to
            refused(fetch(r, "http://photos2.example.com/moved-%d.png" % len(public.asked)))
        public.to = "http://cdn2.example.com/fine.png"  # and one to a public place is followed
        names.names["cdn2.example.com"] = [[OTHER]]
        assert fetch(r, "http://photos2.example.com/moved-%d.png" % len(public.asked), (0, 2))[0] == "done" and other.asked == ["/fine.png"], other.asked
        assert not inner.asked, inner.asked


def engine_run(url):
    """One picture is bought of an engine at a public address; its answer says that it lies at url."""
    provider = {"about": "A small engine of the test", "title": "the desk", "carrier": "http", "attempts": 1, "seconds": 1, "ops": {"product.scene": {}},
                "base": "http://desk.example.com", "models": {"desk": {"price": 0.01}},
                "steps": {"submit": {"url": "{base}/make", "method": "POST", "body": {"prompt": {"from": "prompt"}}, "results": [{"each": "/url"}]}}}
    with Root() as r:
        with open(os.path.join(r.rules, "providers", "desk.json"), "w") as f:
            json.dump(provider, f)
        r.leave_ungated("desk")
        r.one_picture_a_product("desk", "desk", attempts=1)
        names.names["desk.example.com"] = [[PUBLIC]]
        public.url = url
        r.drop("p.json", products(1))
        done = r.once(60)
        return done.returncode, r.rows("SELECT state, error FROM jobs WHERE engine = 'desk'")[0], r.rows("SELECT state FROM attempts")


def test_a_result_that_an_answer_places_on_this_machine_is_not_fetched():
    names.names["good.example.com"] = [[OTHER]]
    assert engine_run("http://good.example.com/r.png")[1] == ("done", None)
    names.names["bad.example.com"] = [[HERE]]
    public.to = "http://bad.example.com/secret.png"
    for url in ("http://bad.example.com/r.png", "http://%s/r.png" % HERE, "http://desk.example.com/moved.png"):
        code, job, attempts = engine_run(url)
        assert code == 2 and job[0] != "done" and "forbidden" in job[1], (url, code, job)
        assert attempts == [("settled",)], attempts  # it was bought, and counts as paid
    assert not inner.asked, inner.asked


if __name__ == "__main__":
    if not os.environ.get(INSIDE):
        outside()
    with tempfile.TemporaryDirectory(prefix="slated-names-") as home:
        settle_in(home)
        names, public, other, inner = Names(), Shop(PUBLIC), Shop(OTHER), Shop(HERE)
        main([v for k, v in sorted(globals().items()) if k.startswith("test_")])
