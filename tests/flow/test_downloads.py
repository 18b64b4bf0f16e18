#!/usr/bin/env python3
"""Downloads in a browser that a person uses at the same time: the picture that a button of our page brings is ours, and the person's own file lies
where the person has downloads; through the daemon, in a real browser on the stand-in pages."""
import http.server
import json
import os
import threading

from dzine_set import check_money, edit, entries, folder, only
from harness import Root, main, merge, wait
from stand_in import OPS, Chromium, Site, use

PAGE = b"""<!doctype html><title>Holidays</title><script>
const look = setInterval(async () => {
  if (await (await fetch("/now")).text() !== "now") return;
  clearInterval(look);
  location.href = "/holiday.png";
}, 50);
</script>"""
HOLIDAY = b"\x89PNG of the sea" * 500


class Person:
    """A page that downloads a file of its own in the moment that ours is asked for; a context manager."""

    def __init__(self, site):
        self.site, self.given = site, 0

    def __enter__(self):
        person = self

        class Pages(http.server.BaseHTTPRequestHandler):
            def do_GET(self):
                name = "/holiday.png" if self.path.startswith("/holiday") else self.path
                body = {"/": PAGE, "/now": b"now" if person.now() else b"later", "/holiday.png": HOLIDAY}.get(name, b"")
                self.send_response(200)
                self.send_header("content-type", "text/html" if name == "/" else "application/octet-stream")
                if name == "/holiday.png":
                    person.given += 1
                    self.send_header("content-disposition", "attachment; filename=holiday.png")
                self.send_header("content-length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)

            def log_message(self, *words):
                pass

        self.server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Pages)
        threading.Thread(target=self.server.serve_forever, daemon=True).start()
        self.url = "http://127.0.0.1:%d/" % self.server.server_port
        return self

    def __exit__(self, kind, value, trace):
        self.server.shutdown()
        self.server.server_close()

    def now(self):
        return any(d["how"] == "preview" for d in self.site.ledger()["downloads"])


def test_a_person_s_download_stays_the_person_s():
    with Site(100) as site, Person(site) as person, Root() as r:
        mine = os.path.join(r.dir, "my downloads")
        with Chromium(r.dir, person.url, downloads=mine) as browser:
            policy = json.load(open(os.path.join(r.rules, "policy.json")))
            r.set_policy(merge(policy, {"browser": {"urls": [browser.url]}}))
            use(r, site, OPS, load_ms=6000)
            only(r, "thumbnail")
            edit(r, "sops/dzine/procedures.json", ('"within_ms": 6000, "as": "fetched",\n            "why"', '"within_ms": 1500, "as": "fetched",\n            "why"'))
            site.trouble({"kind": "small_result", "only": ["address"]})
            site.post("set", {"lag": 2000})
            folder(r, "lamps")
            done = r.once(90)
            assert done.returncode == 0, done.stdout[-4000:]
            thumbnail, ledger = entries(r)[0]["thumbnail"], site.ledger()
            assert thumbnail["engine"] == "dzine" and [d["how"] for d in ledger["downloads"] if d["whole"]] == ["preview"], ledger["downloads"]
            wait(lambda: person.given and os.path.exists(os.path.join(mine, "holiday.png")), 10, lambda: (person.given, os.listdir(mine)))
            assert os.listdir(mine) == ["holiday.png"], os.listdir(mine)
            assert open(os.path.join(mine, "holiday.png"), "rb").read() == HOLIDAY
            check_money(r, site)


if __name__ == "__main__":
    main([v for k, v in sorted(globals().items()) if k.startswith("test_")])
