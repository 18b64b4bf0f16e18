#!/usr/bin/env python3
"""What a person is told about engines: retired models in the plan, a plan that waits for a card, stops and limits, and the smallest paid trial."""
import json
import os
import pty
import re
import signal
import subprocess
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
        wait(lambda: open(r.log).read().count("nothing is charged") >= 3, what="word of what came of it")
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
        wait(lambda: "is asked to take it back" in open(r.log).read(), 30, "word of it")
        wait(lambda: os.path.exists(r.path("NEEDS-YOU.md")) and "has given no result" in open(r.path("NEEDS-YOU.md")).read(), 30, "the person's list to say so")


def test_a_paid_trial_says_its_price_and_is_in_the_ledger():
    with Simulator("fal") as sim, EngineRoot(sim) as r:
        sim.latency(queue=20, run=40)
        asked = r.cli("providers", "test", "fal", "--paid")
        assert asked.returncode == 1 and "USD" in asked.stdout and "--yes" in asked.stderr, asked
        alone = r.cli("providers", "test", "fal", "--paid", "--yes")
        assert alone.returncode == 1 and "slated run" in alone.stderr, alone
        r.start()
        for turn in (1, 2):
            done = r.cli("providers", "test", "fal", "--paid", "--yes")
            assert done.returncode == 0, done
            path = re.search(r"fal works: (\S+) ", done.stdout).group(1)
            assert open(path, "rb").read(8) == b"\x89PNG\r\n\x1a\n", path
            assert len(sim.accepted()) == turn, "a trial is never served from what was made before"
            time.sleep(1.1)
        spent = json.loads(r.cli("spend", "--by", "engine", "--json").stdout)["rows"]
        assert spent[0]["name"] == "fal" and spent[0]["spent"] > 0, spent
        assert not [n for n in os.listdir(r.path("inbox")) if "trial" in n], os.listdir(r.path("inbox"))


def test_a_trial_whose_command_outlives_a_crash_is_bought_once():
    with Simulator("fal") as sim, EngineRoot(sim) as r:
        sim.latency(queue=20, run=40)
        r.start()
        for name in ("first", "again"):
            with open(r.path(".slated", "commands", name + ".json"), "w") as f:
                json.dump({"verb": "trial", "engine": "fal", "asked_s": 1773478800}, f)
            r.daemon.send_signal(signal.SIGUSR1)
            wait(lambda: os.path.exists(r.path(".slated", "commands", name + ".answer")), what="the answer")
            answer = json.load(open(r.path(".slated", "commands", name + ".answer")))
            assert answer["ok"] and "-trial-fal" in answer["said"], answer
            r.ended()
        assert len(sim.accepted()) == 1 and len(r.rows("SELECT 1 FROM drops")) == 1


def test_a_trial_of_a_text_model():
    with Simulator("openrouter") as sim, Root(env={"OPENROUTER_API_KEY": "sk-or-sim-0123456789", "no_proxy": "*"}) as r:
        path = os.path.join(r.rules, "providers", "openrouter.json")
        text = open(path).read().replace('"carrier": "http",', '"carrier": "http", "private": true,', 1)
        base = json.loads(re.search(r'"base": ("[^"]*")', text).group(1))
        open(path, "w").write(text.replace(base, sim.url + "/api/v1"))
        r.start()
        done = r.cli("providers", "test", "openrouter", "--paid", "--yes")
        assert done.returncode == 0 and len(sim.accepted()) == 1, done
        path = re.search(r"openrouter works: (\S+) ", done.stdout).group(1)
        assert "answer" in json.load(open(path)), open(path).read()


def test_providers_says_what_stopped_an_engine_and_what_is_left():
    with Simulator("fal") as sim, EngineRoot(sim) as r:
        sim.faults({"kind": "auth", "count": -1, "match": {"role": "submit"}})
        r.drop("products.json", products(1))
        r.start()
        wait(lambda: "stopped: the engine fal" in (os.path.exists(r.path("NEEDS-YOU.md")) and open(r.path("NEEDS-YOU.md")).read() or ""), what="the stop")
        said = r.cli("providers").stdout
        part = said[said.index("fal: "):said.index("fetch: ")]
        assert "STOPPED since" in part and "Then: slated resume fal" in part, part
        assert "FAL_KEY, environment" in part and re.search(r"\d+ at once \(0 under way\)", part), part
        rows = {e["engine"]: e for e in json.loads(r.cli("providers", "--json").stdout)}
        assert rows["fal"]["stopped"]["class"] == "auth" and rows["fal"]["now"]["circuit"] == "closed", rows["fal"]
        assert "sim-key" not in said
        r.stop()
        assert "STOPPED since" in r.cli("providers").stdout, "it is known without the daemon, too"


class ComfyRoot(Root):
    """Product pictures are made by simulated ComfyUI servers."""

    def __init__(self, *sims):
        super().__init__(env={"no_proxy": "*"})
        path = os.path.join(self.rules, "providers", "comfyui.json")
        base = json.dumps([s.url for s in sims] if len(sims) > 1 else sims[0].url)
        text = open(path).read().replace('"base": "http://127.0.0.1:8188",', '"base": %s,' % base, 1)
        text = re.sub(r'"limits": \{"at_once": 2', '"limits": {"at_once": 4', text)
        open(path, "w").write(text)
        path = os.path.join(self.rules, "models", "routing.json")
        types = {"product": {"*": [{"engine": "comfyui", "model": "SDXL"}]}, "*": {"*": [{"engine": "local", "model": "embedded"}]}}
        json.dump({"about": "simulated", "use": "standard", "profiles": {"standard": {"about": "simulated", "types": types}}}, open(path, "w"))

    def on_a_terminal(self):
        """The live display, as bytes that grow."""
        try:
            main_end, other = pty.openpty()
        except OSError as e:
            print("skipped: the live display, there is no terminal to show it on (%s)" % e)
            return None
        self.daemon = subprocess.Popen(self.args("run"), stdin=other, stdout=other, stderr=other, env=self.env, start_new_session=True)
        os.close(other)
        os.set_blocking(main_end, False)
        seen = bytearray()

        def look():
            try:
                seen.extend(os.read(main_end, 1 << 16))
            except (BlockingIOError, OSError):
                pass
            return seen.decode(errors="replace")
        return look


def test_comfyui_tells_how_far_it_is_and_its_socket_is_closed_after():
    with Simulator("comfyui") as sim, ComfyRoot(sim) as r:
        sim.latency(run=2000)
        r.drop("products.json", products(1))
        look = r.on_a_terminal()
        if not look:
            return
        wait(lambda: re.search(r"attempt 1\) [1-9]\d* %", look()), 30, lambda: "a percentage: %r" % look()[-600:])
        assert sim.ask("/_sim/clients", {})["n"] == 1, "one socket a server"
        r.ended(1, 60)
        wait(lambda: look() and sim.ask("/_sim/clients", {})["n"] == 0, 10, "the socket to be closed")


def test_a_lost_socket_loses_no_work():
    with Simulator("comfyui") as sim, ComfyRoot(sim) as r:
        sim.latency(run=1500)
        r.drop("products.json", products(1))
        r.start()
        wait(lambda: len(sim.accepted()) >= 1, what="work")
        time.sleep(0.8)
        sim.ask("/_sim/hang_up", {})
        drops = r.ended(1, 60)
        assert drops[0]["jobs"].get("failed", 0) == 0 and drops[0]["jobs"]["done"] == drops[0]["jobs"]["total"], drops


def test_several_servers_share_the_work():
    with Simulator("comfyui") as one, Simulator("comfyui") as two, ComfyRoot(one, two) as r:
        one.latency(run=700)
        two.latency(run=700)
        r.drop("products.json", products(2))
        r.start()
        drops = r.ended(1, 90)
        assert drops[0]["jobs"]["done"] == drops[0]["jobs"]["total"], drops
        shares = sorted([len(one.accepted()), len(two.accepted())])
        assert sum(shares) >= 8 and shares[1] - shares[0] <= 2, shares


if __name__ == "__main__":
    main([value for name, value in sorted(globals().items()) if name.startswith("test_")])
