#!/usr/bin/env python3
"""What a person is told about engines: retired models in the plan, a plan that waits for a card, stops and limits, and the smallest paid trial."""
import json
import os
import re
import time

from harness import Root, main, products, wait
from simulator import Simulator


class EngineRoot(Root):
    """Product pictures are made by the simulated fal; everything else as always."""

    def __init__(self, sim=None, policy=None, key="sim-key-0123456789", retired=False):
        super().__init__(policy=policy, env={"FAL_KEY": key, "no_proxy": "*"})
        path = os.path.join(self.rules, "providers", "fal.json")
        text = open(path).read().replace('"carrier": "http",', '"carrier": "http", "private": true,', 1)
        if sim:
            text = text.replace("https://queue.fal.run", sim.url + "/queue").replace("https://rest.fal.ai", sim.url + "/rest")
        if retired:
            text = text.replace('"Z-Image Turbo": {', '"Z-Image Turbo": {"retires": "2026-01-01", "alias": "Flux 2 LoRA", ', 1)
        open(path, "w").write(text)
        path = os.path.join(self.rules, "models", "routing.json")
        row = [{"engine": "fal", "model": "Z-Image Turbo"}]
        types = {"product": {"*": row}, "*": {"*": [{"engine": "local", "model": "embedded"}]}}
        json.dump({"about": "simulated", "use": "standard", "profiles": {"standard": {"about": "simulated", "types": types}}}, open(path, "w"))


def test_a_retired_model_is_named_in_plan_and_receipt():
    with EngineRoot(retired=True, policy={"money": {"approve_above": 0}}) as r:
        path = r.write("products.json", products(1))
        shown = r.cli("plan", path)
        assert shown.returncode == 0, shown.stderr
        assert shown.stdout.count("Z-Image Turbo was retired on 2026-01-01; Flux 2 LoRA takes its place") == 1, shown.stdout
        r.drop("products.json", products(1))
        r.start()
        said = wait(lambda: "was retired on" in r.receipt("products.json") and r.receipt("products.json"), what="the note")
        card = [n for n in os.listdir(r.path("approve")) if n.endswith(".md")]
        assert "products.json: needs your go" in said and "approve/%s" % card[0] in said, said
        assert r.cli("refuse", card[0]).returncode == 0
        wait(lambda: "cancelled" in r.receipt("products.json"), what="the receipt to say so")


def test_cancelled_work_is_taken_back():
    with Simulator("fal") as sim, EngineRoot(sim) as r:
        sim.latency(queue=60000, run=60000)
        r.drop("products.json", products(1))
        r.start()
        wait(lambda: len(sim.accepted()) >= 3, what="accepted work")
        time.sleep(1)
        accepted = len(sim.accepted())
        said = r.cli("cancel", "products.json")
        assert said.returncode == 0, said.stderr
        wait(lambda: open(r.log).read().count("takes it back") >= 3, what="word of what came of it")
        wait(lambda: all(a["state"] == "cancelled" for a in sim.accepted()), what=lambda: "every one to be taken back: %s" % sim.accepted())
        assert len(sim.accepted()) == accepted, "nothing is bought after a cancel"


def test_work_without_a_result_in_its_time_is_taken_back():
    with Simulator("fal") as sim, EngineRoot(sim) as r:
        sim.latency(queue=60000, run=60000)
        path = os.path.join(r.rules, "providers", "fal.json")
        text = open(path).read()
        open(path, "w").write(re.sub(r'"give_up_s": \d+', '"give_up_s": 1', text))
        r.drop("products.json", products(1))
        r.start()
        wait(lambda: "takes it back" in open(r.log).read(), 30, "word of it")
        assert "has given no result" in open(r.path("NEEDS-YOU.md")).read()


if __name__ == "__main__":
    main([value for name, value in sorted(globals().items()) if name.startswith("test_")])
