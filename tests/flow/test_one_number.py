#!/usr/bin/env python3
"""What a drop has cost is one number, wherever it is read: ledger, status, receipt, report and the manifest beside the pictures; whether an engine
over HTTP, a machine by the hour or credits of a web site were paid for it, and whenever that is known."""
# SPDX-License-Identifier: ISC
import json
import os
import re

from harness import main, products, wait
from simulator import Simulator
from stand_in import BROWSER, Site, use
from test_pods import PodRoot


class MixedRoot(PodRoot):
    """The hero of each product comes from a queue over HTTP, its detail from a pod, the thumbnail from a web site's canvas."""

    def __init__(self, fal, host, site=None, pod=None):
        super().__init__(host, pod, policy=dict(BROWSER) if site else {})
        self.env["FAL_KEY"] = "sim-key-0123456789"
        path = os.path.join(self.rules, "providers", "fal.json")
        text = open(path).read().replace('"carrier": "http",', '"carrier": "http", "private": true,', 1)
        open(path, "w").write(text.replace("https://queue.fal.run", fal.url + "/queue").replace("https://rest.fal.ai", fal.url + "/rest"))
        for engine in ("fal", "comfyui_pod", "dzine"):
            self.leave_ungated(engine)
        self.one_picture_a_product("fal", "Z-Image Turbo", variants=("hero", "detail"))
        path = os.path.join(self.rules, "models", "routing.json")
        doc = json.load(open(path))
        types = doc["profiles"]["standard"]["types"]
        types["product"]["detail"] = [{"engine": "comfyui_pod", "model": "SDXL"}]
        if site:
            types["thumbnail"] = {"*": [{"engine": "dzine", "model": "Nano Banana Pro"}]}
            use(self, site, ("thumbnail",))
            path_plan = os.path.join(self.rules, "plans", "products.json")
            plan = json.load(open(path_plan))
            plan["assets"]["thumbnail"].update(make=True, message="Top {count}", message_one="Our Pick", attempts=2)
            json.dump(plan, open(path_plan, "w"))
        json.dump(doc, open(path, "w"))

    def numbers(self, drop):
        """Where it is read -> the number that stands there, in millionths."""
        name, entry = drop["drop"], drop["entry"]
        by = {what: json.loads(self.cli("spend", "--by", what, "--json").stdout)["rows"] for what in ("drop", "project", "shot", "engine", "day")}
        line = [text for text in self.cli("status").stdout.splitlines() if name in text][0]
        report = re.sub(r"<[^>]*>", " ", open(self.path("taken", name, "report.html")).read())
        manifest = [os.path.join(d, n) for d, _, names in os.walk(self.path("out")) for n in names if n == "assets_manifest.json"]
        one = lambda pattern, text: (re.findall(pattern, text) or ["-1"])[0]
        found = {"ledger, by " + what: sum(row["spent"] for row in rows if what != "drop" or row["name"] == name) for what, rows in by.items()}
        found.update({"status": self.jobs(name)["cost"], "status, its jobs": sum(j["cost"] for j in self.jobs(name)["list"]),
                      "status, as text": one(r", ([0-9.]+) USD spent", line), "receipt": one(r"Spent ([0-9.]+) of", self.receipt(entry)),
                      "report": one(r"Spent\s+([0-9.]+) USD", report), "manifest": json.load(open(manifest[0]))["cost"]})
        return {where: round(float(number) * 1e6) for where, number in found.items()}

    def agrees(self, drop):
        wait(lambda: len(set(self.numbers(drop).values())) == 1, 10, lambda: "one number: %s" % self.numbers(drop))
        return self.numbers(drop)["report"] / 1e6


def at_rest(r, host):
    wait(lambda: host.ask("/_sim/pods")["running"] == 0, 30, "the pod's end")
    wait(lambda: not r.rows("SELECT 1 FROM pods WHERE state <> 'gone'"), 20, "the pod's end on record")


def test_http_pod_and_credits_add_up_to_one_number():
    with Simulator("fal", queue=20, run=50) as fal, Simulator("runpod-pods") as host, Site() as site, MixedRoot(fal, host, site) as r:
        r.drop("p.json", products(2))
        r.start()
        drop = r.ended(seconds=120)[0]
        at_rest(r, host)
        cost = r.agrees(drop)
        spent = {row["name"]: row["spent"] for row in json.loads(r.cli("spend", "--by", "engine", "--json").stdout)["rows"]}
        assert set(spent) == {"fal", "comfyui_pod", "dzine"} and all(spent.values()), spent
        assert abs(cost - sum(spent.values())) < 1e-6 and abs(spent["fal"] - fal.cost()) < 1e-6, (cost, spent, fal.cost())
        made = {j["job"]: (j["engine"], j["cost"]) for j in r.jobs(drop["drop"])["list"]}
        assert len(made) == 5 and all(cost > 0 for _, cost in made.values()), made
        assert r.cli("spend", "--check").returncode == 0


def test_hours_that_are_booked_while_a_drop_runs_are_borne_by_what_was_made_in_them():
    with Simulator("fal", queue=20, run=50) as fal, Simulator("runpod-pods", run=1500) as host, MixedRoot(fal, host, pod={"ahead_s": 3, "idle_s": 2}) as r:
        r.drop("p.json", products(4))
        r.start()
        wait(lambda: r.rows("SELECT 1 FROM attempts WHERE pod IS NOT NULL AND state = 'settled'"), 60, "a stretch that has ended")
        drop = r.ended(seconds=120)[0]
        at_rest(r, host)
        r.agrees(drop)
        borne = [j["cost"] for j in r.jobs(drop["drop"])["list"] if j["engine"] == "comfyui_pod"]
        assert len(borne) == 4 and sum(1 for c in borne if c > 0) >= 2, borne
        assert r.rows("SELECT COUNT(*) FROM attempts WHERE pod IS NOT NULL")[0][0] >= 2


def test_a_pod_that_made_nothing_is_still_in_the_number():
    with Simulator("fal", queue=20, run=50) as fal, Simulator("runpod-pods", boot=60000) as host, MixedRoot(fal, host, pod={"up_s": 2}) as r:
        r.drop("p.json", products(1))
        r.start()
        wait(lambda: host.ask("/_sim/pods")["runs"], 20, "a pod")
        at_rest(r, host)
        assert r.cli("cancel", r.status()[0]["drop"]).returncode == 0
        drop = r.ended()[0]
        assert r.agrees(drop) > 1


def test_a_kill_between_makes_no_other_number():
    with Simulator("fal", queue=20, run=50) as fal, Simulator("runpod-pods", run=800) as host, MixedRoot(fal, host, pod={"ahead_s": 3, "idle_s": 2}) as r:
        r.drop("p.json", products(3))
        r.start()
        for _ in range(3):
            wait(lambda: host.ask("/_sim/pods")["runs"], 20, "a pod")
            wait(lambda: r.rows("SELECT 1 FROM ledger"), 20, "money that moves")
            r.kill()
            r.start()
        def doubts_are_left():
            for card in [n for n in os.listdir(r.path("approve")) if n.startswith("in doubt")]:
                r.cli("refuse", card)
            return all(d["state"] == "ended" for d in r.status())
        wait(doubts_are_left, 60, lambda: "the drop to end: %s" % r.status())
        at_rest(r, host)
        r.agrees(r.status()[0])
        assert r.cli("spend", "--check").returncode == 0


if __name__ == "__main__":
    main([v for k, v in sorted(globals().items()) if k.startswith("test_") and callable(v)])
