#!/usr/bin/env python3
"""What is paid for has a price first: a model without one waits and says so in the plan and to the person, a ledger that cannot be read holds
everything, and a price of another time is pointed out."""
# SPDX-License-Identifier: ISC
import json
import os
import re
import signal
import sqlite3
import time

from harness import Root, main, products, wait
from simulator import Simulator
from test_film_engines import BOARD

MODEL = "Z-Image Turbo"
PRICE = '"price": {"per": "megapixel", "usd": 0.005, "as_of": "2025-12-15"},'


class PricedRoot(Root):
    """One picture of each product is made by fal, whose file this changes."""

    def __init__(self, sim, price=PRICE, also=None):
        super().__init__({"money": {"approve_above": 100}}, env={"FAL_KEY": "sim-key-0123456789", "no_proxy": "*"})
        self.file = os.path.join(self.rules, "providers", "fal.json")
        text = open(self.file).read().replace('"carrier": "http",', '"carrier": "http", "private": true,', 1)
        open(self.file, "w").write(text.replace("https://queue.fal.run", sim.url + "/queue").replace("https://rest.fal.ai", sim.url + "/rest"))
        self.leave_ungated("fal")
        self.one_picture_a_product("fal", MODEL)
        if also:
            path = os.path.join(self.rules, "models", "routing.json")
            doc = json.load(open(path))
            doc["profiles"]["standard"]["types"]["product"]["*"].append(also)
            json.dump(doc, open(path, "w"))
        self.price(price)

    def price(self, price):
        text = open(self.file).read()
        row = re.search(r'"%s": \{\s*"id": "[^"]*",' % MODEL, text)
        rest = re.sub(r'^\s*"price": (\{[^}]*\}|[0-9.]+),', "", text[row.end():])
        open(self.file, "w").write(text[:row.end()] + " " + price + rest)

    def plan(self, *words):
        return self.cli("plan", self.write("p.json", products(2)), *words)

    def notes(self, code):
        return [n for n in json.loads(self.plan("--json").stdout)["notes"] if n["code"] == code]

    def reload(self):
        os.kill(self.daemon.pid, signal.SIGHUP)
        time.sleep(0.5)


def test_what_has_no_price_waits_and_says_so():
    with Simulator("fal", queue=20, run=50) as sim, PricedRoot(sim, "") as r:
        page, notes = r.plan().stdout, r.notes("PRICE_UNKNOWN")
        assert "not known of 2 jobs, not bought before it is" in page and "nothing" not in page.split("time")[0], page
        assert len(notes) == 1 and MODEL in notes[0]["place"] and "rules/providers/fal.json" in notes[0]["cure"], notes
        assert all(j["engine"] == "fal" and j["price_unknown"] for j in json.loads(r.plan("--json").stdout)["jobs"])
        r.drop("p.json", products(2))
        r.start()
        wait(lambda: r.needs().count("is not known, so it is not bought") == 2, 20, lambda: "both to say so: %s" % r.needs())
        assert r.needs().count("asks you: ") == 2 and "slated retry" in r.needs(), r.needs()
        assert "is not known" in r.receipt("p.json") and not sim.accepted() and not r.rows("SELECT 1 FROM attempts")
        r.price(PRICE)
        r.reload()
        assert r.cli("retry", r.status()[0]["drop"]).returncode == 0
        drop = r.ended(seconds=30)[0]
        assert len(sim.accepted()) == 2 and abs(drop["cost"] - sim.cost()) < 1e-6 and drop["cost"] > 0, (drop, sim.accepted())
        assert not r.needs(), r.needs()


def test_what_has_no_price_goes_to_the_next_of_the_table():
    with Simulator("fal", queue=20, run=50) as sim, PricedRoot(sim, "", {"engine": "fal", "model": "Seedream 4.5"}) as r:
        jobs = json.loads(r.plan("--json").stdout)["jobs"]
        assert all(j["model"] == "Seedream 4.5" and j["price"] == 0.04 and "the price of %s" % MODEL in j["why_engine"] for j in jobs), jobs
        assert not r.notes("PRICE_UNKNOWN")


def test_a_price_that_goes_while_a_drop_waits_holds_what_was_free():
    """It was free when it was planned, and nobody knows what it costs now."""
    with Simulator("fal", queue=20, run=50) as sim, PricedRoot(sim, '"price": 0,') as r:
        r.start()
        r.cli("pause")
        r.drop("p.json", products(1))
        r.taken()
        r.price("")
        r.reload()
        r.cli("resume")
        wait(lambda: "is not known, so it is not bought" in r.needs(), 20, lambda: "the question: %s" % r.needs())
        assert not sim.accepted()


def test_a_ledger_that_cannot_be_read_holds():
    with Simulator("fal", queue=20, run=50) as sim, PricedRoot(sim) as r:
        r.start()
        r.cli("pause")
        r.drop("p.json", products(2))
        r.taken()
        db = sqlite3.connect(r.path(".slated", "slated.db"), timeout=20)
        db.execute("ALTER TABLE purses RENAME TO hidden")
        db.commit()
        r.cli("resume")
        wait(lambda: r.needs().count("what was spent cannot be read, so nothing is paid for") == 2, 20, lambda: "both to say so: %s" % r.needs())
        assert r.cli("spend", "--check").returncode == 1 and not sim.accepted()
        db.execute("ALTER TABLE hidden RENAME TO purses")
        db.commit()
        db.close()
        assert r.cli("retry", r.status()[0]["drop"]).returncode == 0
        r.ended(seconds=30)
        assert len(sim.accepted()) == 2 and r.cli("spend", "--check").returncode == 0


def test_a_price_of_another_time_is_pointed_out():
    with Simulator("fal") as sim, PricedRoot(sim) as r:
        for day, words in (("2999-01-01", "a day to come"), ("2019-05-01", "more than a year ago"), (time.strftime("%Y-%m-%d"), None)):
            r.price(PRICE.replace("2025-12-15", day))
            notes = r.notes("PRICE_DATE")
            assert (len(notes) == 1 and words in notes[0]["found"] and day in notes[0]["found"]) if words else not notes, (day, notes)
            assert not words or words in r.plan().stdout


def test_what_is_booked_is_what_was_billed():
    """The table says what a clip costs at worst, to the sixteenth of a second; its engine counts hundredths, and says how many."""
    with Simulator("fal", queue=20, run=50, film=80) as sim, PricedRoot(sim) as r:
        path = os.path.join(r.rules, "models", "routing.json")
        doc = json.load(open(path))
        doc["profiles"]["standard"]["types"]["clip"] = {"*": [{"engine": "fal", "model": "WAN 2.2 FLF LoRA"}]}
        json.dump(doc, open(path, "w"))
        r.drop("board.json", BOARD)
        r.drop("p.json", products(2))
        r.start()
        r.ended(2, seconds=90)
        billed = {a["id"]: round(a["cost"] * 1e6) for a in sim.accepted()}
        booked = {remote: (settled, reserved) for remote, settled, reserved in r.rows("SELECT remote, settled_u, reserved_u FROM attempts")}
        assert len(billed) == 4 and {k: v[0] for k, v in booked.items()} == billed, (booked, billed)
        assert sum(1 for settled, reserved in booked.values() if settled < reserved) == 2, booked


def test_providers_and_spend_say_what_a_newcomer_has_to_know():
    with Simulator("fal", queue=20, run=50) as sim, PricedRoot(sim) as r:
        r.env["RUNPOD_API_KEY"] = "rp-key-0123456789"
        listed = r.cli("providers").stdout
        assert not re.search(r"limits:\s*(,.*)?$", listed, re.M), listed
        assert "makes nothing by itself" in listed and "0.005 USD per megapixel, as of 2025-12-15" in listed, listed
        for name, words in (("nosuch", "no such engine"), ("local", "part of slated"), ("dzine", "slated doctor"), ("comfyui_pod", "slated providers test runpod_pods"),
                            ("runpod", "rules/models/routing.json"), ("gemini", "GEMINI_API_KEY is not set"), ("comfyui", '"base" in rules/providers/comfyui.json')):
            said = r.cli("providers", "test", name)
            assert said.returncode == 1 and words in said.stderr, (name, said)
        asked = r.cli("providers", "test", "fal")
        assert asked.returncode == 0 and "nothing was charged" in asked.stdout and not sim.accepted(), asked
        assert "made something last" not in listed
        r.drop("p.json", products(2))
        r.drop("q.json", products(1, video_id="v2", niche="red socks"))
        r.start()
        r.ended(2, seconds=30)
        assert "made something last at %s" % time.strftime("%Y-%m-%d") in r.cli("providers").stdout
        assert r.cli("spend", "add", "fal", "0.0005").returncode == 0
        for by, names in (("drop", ["by hand"]), ("project", ["by hand", "videos/v1", "videos/v2"]), ("shot", ["by hand", "videos/v1: 01_hero", "videos/v2: 01_hero"]),
                          ("engine", ["fal"]), ("provider", ["fal"]), ("day", [time.strftime("%Y-%m-%d")])):
            said = r.cli("spend", "--by", by).stdout
            assert all("  %s, " % n in said for n in names) and re.search(r"^ *0\.0155  US dollars in all$", said, re.M), (by, said)
            assert said == r.cli("spend", "--by", by, "--day", "today").stdout and "nothing was spent" in r.cli("spend", "--by", by, "--day", "2019-01-01").stdout
        assert "fal, 3 attempts" in r.cli("spend", "--by", "engine").stdout, "a purchase by hand is no attempt"
        for words in (("--by", "week"), ("--day", "2026-13-01"), ("--day", "soon"), ("--check", "--day", "today")):
            assert r.cli("spend", *words).returncode == 1, words


if __name__ == "__main__":
    main([v for k, v in sorted(globals().items()) if k.startswith("test_")])
