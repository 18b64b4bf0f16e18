#!/usr/bin/env python3
"""The way to a browser breaks: it is killed, stalls, sleeps, comes late; the daemon is killed. What was under way is finished, paid for once, and
no tab stays behind."""
import json
import os
import shutil
import signal
import time

from dzine_set import edit
from harness import SAMPLES, Root, main, merge, products, wait
from stand_in import Chromium, Site, jobs_of, only, use
from wire import Wire


class Two:
    """Site, root and as many browsers as are asked for, each behind a wire; a context manager."""

    def __init__(self, browsers=1, kinds=("thumbnail",), ops=("thumbnail",), at_once=1):
        self.site = Site().__enter__()
        self.root = Root()
        self.browsers = [Chromium(self.root.dir).start() for _ in range(browsers)]
        self.wires = [Wire(b.port) for b in self.browsers]
        policy = json.load(open(os.path.join(self.root.rules, "policy.json")))
        self.root.set_policy(merge(policy, {"browser": {"urls": [w.url for w in self.wires]}}))
        use(self.root, self.site, ops)
        only(self.root, *kinds)
        path = os.path.join(self.root.rules, "providers", "dzine.json")
        text = open(path).read()
        open(path, "w").write(text.replace('"at_once": 1', '"at_once": %d' % at_once))

    def __enter__(self):
        return self

    def __exit__(self, kind, value, trace):
        self.root.__exit__(kind, value, trace)
        for one in self.wires + self.browsers:
            one.__exit__(kind, value, trace)
        self.site.__exit__(kind, value, trace)

    def jobs(self):
        return [j for d in self.root.status() for j in self.root.jobs(d["drop"])["list"]]

    def clicked(self):
        wait(lambda: self.site.ledger()["jobs"], 30, "the click")

    def settled(self, pictures, seconds=90, credits=4, op="thumbnail"):
        """Every picture was made by the site, and for each it was paid once."""
        mine = lambda: [j for j in self.jobs() if j["op"] == op]
        wait(lambda: [j["state"] for j in mine()] == ["done"] * pictures, seconds, lambda: "the pictures: %s" % mine())
        assert all(j["engine"] == "dzine" for j in mine()), mine()
        assert self.site.ledger()["spent"] == credits * pictures, self.site.ledger()["jobs"]

    def no_tabs(self):
        for b in self.browsers:
            wait(lambda: not b.pages(self.site.base), 20, lambda: "own tabs to be closed: %s" % b.pages())


def test_a_browser_that_is_killed_and_started_again_goes_on_where_the_site_is():
    with Two() as t:
        t.site.trouble({"kind": "slow_job", "seconds": 200})
        t.root.start()
        t.root.drop("p.json", products(1))
        t.clicked()
        t.browsers[0].kill()
        time.sleep(1)
        t.browsers[0].start()
        t.settled(1)
        sizes = {tuple(e["size"]) for e in t.site.ledger()["events"] if "size" in e}
        assert sizes == {(1440, 900)} and all(e.get("visible", True) for e in t.site.ledger()["events"]), sizes
        t.no_tabs()


def test_a_daemon_that_is_killed_closes_its_old_tab_and_pays_nothing_twice():
    with Two() as t:
        t.site.trouble({"kind": "slow_job", "seconds": 200})
        t.root.start()
        t.root.drop("p.json", products(1))
        t.clicked()
        t.root.kill()
        assert t.browsers[0].pages(t.site.base)
        t.root.start()
        t.settled(1)
        t.no_tabs()


def test_a_socket_that_stalls_is_left_and_a_sleeping_browser_is_waited_for():
    with Two() as t:
        t.site.trouble({"kind": "slow_job", "seconds": 300})
        t.root.start()
        t.root.drop("p.json", products(1))
        t.clicked()
        t.wires[0].stall()
        time.sleep(1)
        wait(lambda: t.wires[0].commands, 1)
        t.wires[0].stall(False)
        t.settled(1)
        t.root.drop("q.json", products(1, "v2", niche="lamps that sleep"))
        wait(lambda: len(jobs_of(t.site.ledger(), "txt2img")) == 2, 30, "the second click")
        t.browsers[0].signal(signal.SIGSTOP)
        time.sleep(14)
        t.browsers[0].signal(signal.SIGCONT)
        t.settled(2)
        t.no_tabs()


def test_a_browser_may_come_late():
    with Two() as t:
        t.browsers[0].kill()
        t.root.start()
        t.root.drop("p.json", products(1))
        wait(lambda: t.jobs() and t.jobs()[0]["state"] == "held" and "no browser answers" in t.jobs()[0]["error"], 20, "the job to wait")
        time.sleep(3)
        t.browsers[0].start()
        t.settled(1)


def test_two_browsers_work_at_once_and_one_goes_on_when_the_other_dies():
    with Two(2, (), ("product.faithful",), at_once=2) as t:
        t.site.trouble({"kind": "slow_job", "seconds": 200, "count": 4})
        t.root.start()
        staged = os.path.join(t.root.stage, "lamps")
        shutil.copytree(os.path.join(SAMPLES, "desk-lamps"), staged)
        doc = json.load(open(os.path.join(staged, "products.json")))
        key = next(k for k, v in doc.items() if isinstance(v, list))
        doc[key] = doc[key][:2]
        json.dump(doc, open(os.path.join(staged, "products.json"), "w"))
        os.rename(staged, t.root.path("inbox", "lamps"))
        wait(lambda: all(b.pages(t.site.base) for b in t.browsers), 30, "a tab in each")
        wait(lambda: len(jobs_of(t.site.ledger(), "expand")) == 2, 90, lambda: "two clicks: %s" % t.jobs())
        t.browsers[1].kill()
        t.settled(2, credits=8, op="product.faithful")


def test_two_browsers_on_canvases_of_their_own_take_each_its_own_pictures():
    with Two(2, ("thumbnail", "background", "product"), ("thumbnail", "background", "product.scene"), at_once=2) as t:
        edit(t.root, "sops/dzine/site.json", ('"%scanvas?id=19797967"' % t.site.base, '["%scanvas?id=19797967", "%scanvas?id=19797968"]' % (t.site.base, t.site.base)))
        t.site.trouble({"kind": "slow_job", "seconds": 60, "count": 50})
        t.root.start()
        t.root.drop("p.json", products(1))
        jobs = lambda: [j for j in t.jobs() if j["engine"] == "dzine"]
        wait(lambda: jobs() and all(j["state"] == "done" for j in t.jobs()), 150, lambda: t.jobs())
        bought = jobs_of(t.site.ledger(), "txt2img")
        assert len(bought) == len(jobs()) == 7 and t.site.ledger()["spent"] == 28, bought
        assert {j["wish"]["project"] for j in bought} == {19797967, 19797968}, "one browser did it all"
        by_result = {path: j for j in bought for path in j["results"]}
        doc = json.load(open(t.root.path("out", "videos", "v1", "assets", "dzine", "assets_manifest.json")))
        entries = doc["entries"] + doc["others"]
        for entry in entries:
            mine = by_result[entry["image_url"].split("/p/")[1]]
            assert mine["wish"]["prompt"] == entry["prompt"][:1800], (entry["label"], mine["wish"]["prompt"])
        assert len({e["image_url"] for e in entries}) == 7
        assert t.root.cli("spend", "--check").returncode == 0
        t.no_tabs()


if __name__ == "__main__":
    main([v for k, v in list(globals().items()) if k.startswith("test_")])
