#!/usr/bin/env python3
"""A product list is made over HTTP when no browser is there: by the engine whose key is set, in the order of the routing table, at the price of the bill."""
import json
import os
import shutil
import sqlite3

from harness import SAMPLES, Root, main, products
from simulator import Simulator

KEYS = ("FAL_KEY", "GEMINI_API_KEY", "OPENROUTER_API_KEY")
BASES = {"gemini": ("https://generativelanguage.googleapis.com", ""), "openrouter": ("https://openrouter.ai", "")}


class KeyedRoot(Root):
    """The routing table as it ships; of all engines only the simulated one has a key."""

    def __init__(self, sim, key):
        super().__init__({"money": {"approve_above": 100}}, env={key: "sim-key-0123456789", "no_proxy": "*"})
        for other in KEYS:
            if other != key:
                self.env.pop(other, None)
        path = os.path.join(self.rules, "providers", sim.provider + ".json")
        real, at = BASES[sim.provider]
        text = open(path).read().replace(real, sim.url + at).replace('"carrier": "http",', '"carrier": "http", "private": true,', 1)
        open(path, "w").write(text)
        self.leave_ungated(sim.provider)

    def engines(self):
        db = sqlite3.connect("file:%s?mode=ro" % self.path(".slated", "slated.db"), uri=True, timeout=10)
        try:
            return db.execute("SELECT op, engine, model, state FROM jobs").fetchall()
        finally:
            db.close()

    def bill_is_booked(self, sim):
        spent = {row["name"]: row["spent"] for row in json.loads(self.cli("spend", "--by", "engine", "--json").stdout)["rows"]}
        bill = sim.cost()
        assert bill > 0 and bill <= spent[sim.provider] + 1e-6 <= bill * 1.1, "the bill is %.4f, the ledger says %.4f" % (bill, spent[sim.provider])
        assert self.cli("spend", "--check").returncode == 0


def made_at(provider, key, model):
    with Simulator(provider) as sim, KeyedRoot(sim, key) as r:
        r.drop("products.json", products(1))
        done = r.once(240)
        assert done.returncode == 0, done.stdout[-3000:] + done.stderr
        scenes = [j for j in r.engines() if j[0] == "product.scene"]
        assert len(scenes) == 5 and {j[1:] for j in scenes} == {(provider, model, "done")}, r.engines()
        paid = [j for j in r.engines() if j[1] == provider]
        assert len(paid) == len(sim.accepted()) >= 5, (len(paid), len(sim.accepted()))
        r.bill_is_booked(sim)


def test_products_are_made_at_gemini():
    made_at("gemini", "GEMINI_API_KEY", "Nano Banana Pro")


def test_products_are_made_at_openrouter():
    made_at("openrouter", "OPENROUTER_API_KEY", "Gemini 3 Pro Image")


def test_larger_pictures_are_booked_at_what_larger_ones_cost():
    for quality in ("2K", "4K"):
        with Simulator("gemini") as sim, KeyedRoot(sim, "GEMINI_API_KEY") as r:
            shutil.copytree(os.path.join(SAMPLES, "Hoodie_combo"), r.path("inbox", "Hoodie_combo"))
            assert r.once(240).returncode == 0
            r.bill_is_booked(sim)
            before = sim.cost()
            said = r.cli("upgrade", r.status()[0]["drop"], "--to-quality", quality)
            assert said.returncode == 0, said.stderr
            done = r.once(240)
            assert done.returncode == 0, done.stdout[-3000:] + done.stderr
            assert sim.cost() > before * 2, (sim.cost(), before)
            r.bill_is_booked(sim)


if __name__ == "__main__":
    main([v for k, v in sorted(globals().items()) if k.startswith("test_")])
