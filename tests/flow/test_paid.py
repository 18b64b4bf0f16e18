#!/usr/bin/env python3
"""Paid work with a real daemon against a simulated provider: nothing is bought twice, nothing that was paid for is lost, and money stays under its caps."""
import glob
import json
import os
import random
import shutil
import sqlite3
import time

from harness import SAMPLES, Root, main, products, wait
from simulator import Simulator

KILLS = 12
SAMPLE_PICTURE = os.path.join(SAMPLES, "Hoodie_combo", "Orange_UI_Combos", "C-U-011", "pose_mcu.jpg")


class PaidRoot(Root):
    """Product pictures are made by the simulated fal; everything else as always."""

    def __init__(self, sim, policy=None, key="sim-key-0123456789", others=()):
        super().__init__(policy=policy, env={"FAL_KEY": key, "no_proxy": "*"})
        path = os.path.join(self.rules, "providers", "fal.json")
        text = open(path).read().replace("https://queue.fal.run", sim.url + "/queue").replace("https://rest.fal.ai", sim.url + "/rest")
        open(path, "w").write(text.replace('"carrier": "http",', '"carrier": "http", "private": true,', 1))
        path = os.path.join(self.rules, "models", "routing.json")
        row = [{"engine": "fal", "model": "Z-Image Turbo"}, *others]
        types = {"product": {"*": row}, "*": {"*": [{"engine": "local", "model": "embedded"}]}}
        json.dump({"about": "simulated", "use": "standard", "profiles": {"standard": {"about": "simulated", "types": types}}}, open(path, "w"))

    def sound(self):
        said = self.cli("spend", "--check")
        assert said.returncode == 0, said.stderr


def quick(**more):
    sim = Simulator("fal")
    sim.latency(queue=20, run=40, **more)
    return sim


def test_a_drop_is_bought_once_and_served_again_for_nothing():
    with quick() as sim, PaidRoot(sim) as r:
        r.drop("products.json", products(1))
        done = r.once(240)
        assert done.returncode == 0, done.stdout + done.stderr
        bought = len(sim.accepted())
        paid = r.rows("SELECT COUNT(*) FROM jobs WHERE engine = 'fal' AND state = 'done'")[0][0]
        assert bought == paid > 0, (bought, paid, done.stdout)
        assert r.rows("SELECT DISTINCT state FROM attempts") == [("settled",)]
        spent = json.loads(r.cli("spend", "--by", "engine", "--json").stdout)["rows"]
        assert spent[0]["name"] == "fal" and spent[0]["spent"] > 0 and spent[0]["reserved"] == 0, spent
        r.sound()
        shutil.rmtree(r.path("out"))
        r.drop("products.json", products(1, "v2"))
        done = r.once(240)
        assert done.returncode == 0, done.stdout + done.stderr
        assert len(sim.accepted()) == bought, "the same request was bought again"
        key = r.env["FAL_KEY"].encode()
        for path in glob.glob(r.root + "/**", recursive=True) + glob.glob(r.path(".slated") + "/**", recursive=True):
            if os.path.isfile(path):
                assert key not in open(path, "rb").read(), path


def test_a_cap_holds_and_says_so():
    with quick() as sim, PaidRoot(sim, {"money": {"cap_drop": 0.006}}) as r:
        r.drop("products.json", products(1))
        done = r.once(240)
        assert done.returncode == 2, done.stdout + done.stderr
        settled, reserved = r.rows("SELECT settled_u, reserved_u FROM purses WHERE scope = 'all'")[0] if r.rows("SELECT 1 FROM purses") else (0, 0)
        assert settled + reserved <= 6000
        assert "would pass the cap for the drop" in open(r.path("NEEDS-YOU.md")).read()
        r.sound()


def test_a_dear_plan_waits_for_its_card():
    with quick() as sim, PaidRoot(sim, {"money": {"approve_above": 0.001}}) as r:
        r.drop("products.json", products(1))
        r.start()
        card = wait(lambda: glob.glob(r.path("approve", "*.md")), what="a card")[0]
        assert "est" in os.path.basename(card) and not sim.accepted()
        said, row = r.cli("status"), r.status()[0]
        assert "needs your go" in said.stdout and "approve/go/" in said.stdout and "paused" not in said.stdout, said.stdout
        assert said.returncode == 2 and row["says"] == "needs your go" and not row["paused"] and row["card"] == os.path.basename(card)
        wait(lambda: "needs your go" in r.receipt("products.json"), what="the receipt")
        assert "your go: " in open(r.path("NEEDS-YOU.md")).read()
        os.rename(card, r.path("approve", "go", os.path.basename(card)))
        r.ended(1, 60)
        assert sim.accepted() and not os.listdir(r.path("approve", "go"))


def test_a_refused_card_cancels_the_drop():
    with quick() as sim, PaidRoot(sim, {"money": {"approve_above": 0.001}}) as r:
        r.drop("products.json", products(1))
        r.start()
        card = wait(lambda: glob.glob(r.path("approve", "*.md")), what="a card")[0]
        said = r.cli("refuse", os.path.basename(card))
        assert said.returncode == 0, said.stderr
        assert r.ended(1, 20)[0]["state"] == "cancelled"
        assert not sim.accepted() and not os.path.exists(card)


def at_simulators(r, **urls):
    """Provider files of a root point at simulators: at_simulators(r, fal={"https://queue.fal.run": url})."""
    for name, bases in urls.items():
        path = os.path.join(r.rules, "providers", name + ".json")
        text = open(path).read().replace('"carrier": "http",', '"carrier": "http", "private": true,', 1)
        for real, simulated in bases.items():
            text = text.replace(real, simulated)
        open(path, "w").write(text)


def test_the_samples_are_made_by_the_engines_of_the_routing_table():
    keys = {"FAL_KEY": "sim-key-0123456789", "GEMINI_API_KEY": "sim-key-9876543210", "no_proxy": "*"}
    with quick(film=100) as fal, Simulator("gemini") as gemini, Root({"money": {"approve_above": 100}}, env=keys) as r:
        at_simulators(r, fal={"https://queue.fal.run": fal.url + "/queue", "https://rest.fal.ai": fal.url + "/rest"},
                      gemini={"https://generativelanguage.googleapis.com": gemini.url})
        shutil.copy(os.path.join(SAMPLES, "harbor_ep_001.json"), r.path("inbox"))
        shutil.copytree(os.path.join(SAMPLES, "Hoodie_combo"), r.path("inbox", "Hoodie_combo"))
        done = r.once(300)
        assert done.returncode == 0, done.stdout + done.stderr
        for engine, sim in (("fal", fal), ("gemini", gemini)):
            made = r.rows("SELECT COUNT(*) FROM jobs WHERE engine = '%s' AND state = 'done'" % engine)[0][0]
            assert made == len(sim.accepted()) > 0, (engine, made, len(sim.accepted()))
            spent = {row["name"]: row["spent"] for row in json.loads(r.cli("spend", "--by", "engine", "--json").stdout)["rows"]}
            bill = sim.ledger()["totals"]["cost"]
            assert bill <= spent[engine] + 1e-6 <= bill * 1.1, "%s: the bill is %.4f, the ledger says %.4f" % (engine, bill, spent[engine])
        assert r.cli("spend", "--check").returncode == 0


def settle_doubts(r):
    """Each doubt is answered with no; how many there were."""
    cards = glob.glob(r.path("approve", "in doubt*.md"))
    for card in cards:
        os.rename(card, r.path("approve", "no", os.path.basename(card)))
    return len(cards)


def test_kills_buy_nothing_twice():
    """What the provider took on is what was made and what is in doubt, wherever the daemon was killed."""
    shots = random.Random(int(os.environ.get("SEED", "7")))
    with quick(submit=60) as sim, PaidRoot(sim) as r:
        r.drop("products.json", products(3))
        for _ in range(KILLS):
            r.start()
            time.sleep(shots.uniform(0.02, 0.7))
            r.kill()
        done = r.once(240)
        accepted = len(sim.accepted())
        made = r.rows("SELECT COUNT(*) FROM jobs WHERE engine = 'fal' AND state = 'done'")[0][0]
        doubt = r.rows("SELECT COUNT(*) FROM attempts WHERE state = 'doubt'")[0][0]
        wanted = r.rows("SELECT COUNT(*) FROM jobs WHERE engine = 'fal'")[0][0]
        assert made + doubt == wanted, (made, doubt, wanted, r.rows("SELECT key, state, error FROM jobs WHERE engine = 'fal'"))
        assert made <= accepted <= made + doubt, (accepted, made, doubt)
        r.sound()
        cards = glob.glob(r.path("approve", "in doubt*.md"))
        assert len(cards) == doubt, (cards, doubt, done.stdout[-2000:])
        settle_doubts(r)
        r.once(240)
        assert not r.rows("SELECT 1 FROM attempts WHERE state IN ('submitting', 'submitted', 'doubt')")
        r.sound()
        print("%d kills: %d accepted, %d made, %d in doubt" % (KILLS, accepted, made, doubt))


def doubts(r):
    return r.rows("SELECT COUNT(*) FROM attempts WHERE state = 'doubt'")[0][0]


def test_a_lost_answer_is_asked_about_and_never_sent_again():
    with quick() as sim, PaidRoot(sim) as r:
        sim.faults({"kind": "reset_after_accept", "count": 2, "match": {"role": "submit"}})
        r.drop("products.json", products(1))
        done = r.once(240)
        assert done.returncode == 2, done.stdout + done.stderr
        assert doubts(r) == 2 and len(sim.accepted()) == 5, (doubts(r), len(sim.accepted()))
        reserved = r.rows("SELECT reserved_u FROM purses WHERE scope = 'all'")[0][0]
        assert reserved > 0 and "in doubt" in open(r.path("NEEDS-YOU.md")).read()
        cards = glob.glob(r.path("approve", "in doubt*.md"))
        assert len(cards) == 2
        assert r.once(240).returncode == 2 and len(sim.accepted()) == 5, "a start sent it again"
        os.unlink(cards[1])
        os.rename(cards[0], r.path("approve", "go", os.path.basename(cards[0])))
        r.once(240)
        assert doubts(r) == 1 and len(sim.accepted()) == 6, (doubts(r), len(sim.accepted()))
        assert os.path.exists(cards[1]), "a deleted card lies there again"
        r.sound()


def test_a_doubt_of_a_cancelled_drop_asks_nobody_any_more():
    with quick() as sim, PaidRoot(sim) as r:
        r.one_picture_a_product("fal", "Z-Image Turbo")
        sim.faults({"kind": "reset_after_accept", "count": 1, "match": {"role": "submit"}})
        r.drop("products.json", products(1))
        r.start()
        wait(lambda: len(glob.glob(r.path("approve", "in doubt*.md"))) == 1, what="the question")
        assert r.cli("cancel", r.status()[0]["drop"]).returncode == 0
        assert doubts(r) == 0 and not r.rows("SELECT 1 FROM cards WHERE state = 'asked'")
        wait(lambda: not glob.glob(r.path("approve", "in doubt*.md")), what="its card to go")
        wait(lambda: not os.path.exists(r.path("NEEDS-YOU.md")), what="nothing to wait for a person")
        r.sound()


def test_a_doubt_that_a_person_has_solved_otherwise_still_costs_its_job():
    """Its picture was brought by hand; that nobody knows about the paid one is answered afterwards."""
    with quick() as sim, PaidRoot(sim) as r:
        r.one_picture_a_product("fal", "Z-Image Turbo")
        sim.faults({"kind": "reset_after_accept", "count": 1, "match": {"role": "submit"}})
        r.drop("products.json", products(1))
        r.start()
        wait(lambda: len(glob.glob(r.path("approve", "in doubt*.md"))) == 1, what="the question")
        with open(SAMPLE_PICTURE, "rb") as f:
            r.write(r.rows("SELECT unit FROM jobs WHERE engine = 'fal'")[0][0] + ".jpg", f.read(), "return")
        wait(lambda: r.rows("SELECT state FROM jobs WHERE engine = 'fal'") == [("done",)], what="the person's picture in its place")
        assert settle_doubts(r) == 1
        wait(lambda: doubts(r) == 0, what="the answer")
        spent = r.rows("SELECT settled_u FROM purses WHERE scope = 'all'")[0][0] / 1e6
        assert spent > 0 and abs(r.rows("SELECT SUM(cost) FROM jobs")[0][0] - spent) < 1e-9, (spent, r.rows("SELECT key, cost FROM jobs"))


def test_an_answer_to_a_card_that_cannot_be_carried_out_says_why():
    with quick() as sim, PaidRoot(sim, policy={"money": {"approve_above": 0}}) as r:
        r.drop("products.json", products(1))
        r.start()
        card = wait(lambda: glob.glob(r.path("approve", "*.md")), what="the card")[0]
        change_store(r, "UPDATE cards SET subject = '4711'")
        said = r.cli("approve", os.path.basename(card))
        assert said.returncode != 0 and "the drop of this card is not there any more" in said.stderr + said.stdout, said


def change_store(r, text):
    db = sqlite3.connect(r.path(".slated", "slated.db"), timeout=10)
    db.execute(text)
    db.commit()
    db.close()


def test_the_stop_of_an_engine_is_said_though_another_is_stopped_already():
    with quick() as sim, PaidRoot(sim, key="bad-0123456789") as r:
        r.once(60)
        change_store(r, "INSERT INTO stops VALUES ('gemini', 'quota_exhausted', 'used up', NULL, 1, 0)")
        r.drop("products.json", products(2))
        done = r.once(240)
        said = done.stdout + done.stderr
        assert said.count("fal gets no more work") == 1, said


def test_a_key_that_is_not_accepted_stops_the_engine_and_keeps_its_jobs():
    with quick() as sim, PaidRoot(sim, key="bad-0123456789") as r:
        r.drop("products.json", products(2))
        done = r.once(240)
        assert done.returncode == 2, done.stdout + done.stderr
        text = open(r.path("NEEDS-YOU.md")).read()
        assert "stopped: the engine fal" in text and "slated resume fal" in text, text
        assert not sim.accepted()
        states = r.rows("SELECT state, COUNT(*) FROM jobs WHERE engine = 'fal' GROUP BY state")
        assert len(states) == 1 and states[0][0] == "ready", states
        assert r.rows("SELECT SUM(reserved_u) + SUM(settled_u) FROM purses WHERE scope = 'all'") == [(0,)]
        r.env["FAL_KEY"] = "good-0123456789"
        assert r.cli("resume", "fal").returncode == 0
        done = r.once(240)
        assert done.returncode == 0 and len(sim.accepted()) == states[0][1], done.stdout + done.stderr
        r.sound()


def test_equal_failures_stop_the_batch_after_the_fifth():
    with quick() as sim, PaidRoot(sim) as r:
        sim.faults({"kind": "refused", "count": -1, "match": {"role": "submit"}})
        r.drop("products.json", products(8))
        r.once(240)
        failed = r.rows("SELECT COUNT(*) FROM jobs WHERE engine = 'fal' AND state = 'failed'")[0][0]
        held = r.rows("SELECT COUNT(*) FROM jobs WHERE engine = 'fal' AND state = 'held'")[0][0]
        wanted = r.rows("SELECT COUNT(*) FROM jobs WHERE engine = 'fal'")[0][0]
        assert failed + held == wanted and 5 <= failed <= 13, (failed, held, wanted)
        sim.clear_faults()
        r.cli("retry", os.listdir(r.path("taken"))[0])
        done = r.once(120)
        assert done.returncode == 0, done.stdout[-3000:] + done.stderr
        r.sound()


def test_trouble_of_every_kind_loses_nothing_and_buys_nothing_twice():
    kinds = ["reset_before_accept", "reset_after_accept", "429", "429_wait", "5xx", "delay", "failed_job", "truncated", "redirect"]
    with quick() as sim, PaidRoot(sim, {"money": {"paid_retries": 3}}) as r:
        sim.faults({"random": {"seed": 5, "rate": 0.12, "kinds": kinds}})
        r.drop("products.json", products(6))
        done = r.once(300)
        tries = r.rows("SELECT state, COUNT(*) FROM attempts GROUP BY state")
        sent = dict(tries)
        accepted = len(sim.accepted())
        assert "submitting" not in sent and "submitted" not in sent, tries
        assert accepted <= sent.get("settled", 0) + sent.get("doubt", 0), (accepted, tries)
        open_jobs = r.rows("SELECT state, COUNT(*) FROM jobs WHERE engine = 'fal' AND state NOT IN ('done', 'failed') GROUP BY state")
        assert sum(n for _, n in open_jobs) == sent.get("doubt", 0) + r.rows(
            "SELECT COUNT(*) FROM jobs WHERE state = 'held' AND id NOT IN (SELECT job_id FROM attempts WHERE state = 'doubt')")[0][0], (open_jobs, tries)
        r.sound()
        print("accepted %d, %s, %s" % (accepted, tries, done.returncode))


def test_what_one_model_refuses_another_makes():
    others = [{"engine": "fal", "model": "Flux 2 LoRA"}, {"engine": "local", "model": "embedded"}]
    with quick() as sim, PaidRoot(sim, others=others) as r:
        sim.faults({"kind": "refused", "count": -1, "match": {"role": "submit", "path": "z-image"}})
        r.drop("products.json", products(1))
        done = r.once(240)
        assert done.returncode == 0, done.stdout + done.stderr
        made = r.rows("SELECT model, COUNT(*), MIN(why_engine) FROM jobs WHERE engine = 'fal' AND state = 'done' GROUP BY model")
        assert [m[0] for m in made] == ["Flux 2 LoRA"] and "makes it" in made[0][2], made
        r.sound()
    with quick() as sim, PaidRoot(sim, others=others) as r:
        sim.faults({"kind": "refused", "count": -1, "match": {"role": "submit"}})
        r.drop("products.json", products(1))
        done = r.once(240)
        assert done.returncode in (0, 2), (done.returncode, done.stdout[-900:], done.stderr[-900:])
        assert r.rows("SELECT COUNT(*) FROM jobs WHERE engine = 'local' AND why_engine IS NOT NULL AND state = 'done'")[0][0] > 0
        assert r.rows("SELECT COUNT(*) FROM jobs WHERE engine = 'fal' AND state = 'done'") == [(0,)]
        r.sound()


def test_a_days_limit_holds_across_a_restart():
    with quick() as sim, PaidRoot(sim) as r:
        path = os.path.join(r.rules, "providers", "fal.json")
        text = open(path).read()
        open(path, "w").write(text.replace('"limits": {"at_once": 8,', '"limits": {"per_day": 3, "at_once": 8,', 1))
        r.drop("products.json", products(2))
        for _ in range(3):
            r.start()
            wait(lambda: len(sim.accepted()) == 3, 30, "three of the day")
            time.sleep(1)
            r.kill()
        assert len(sim.accepted()) == 3, len(sim.accepted())


def test_a_plain_stop_puts_nothing_in_doubt():
    with quick(submit=500) as sim, PaidRoot(sim) as r:
        r.drop("products.json", products(1))
        r.start()
        wait(lambda: r.rows("SELECT 1 FROM attempts WHERE state = 'submitting'"), what="a paid request under way")
        r.stop()
        assert not r.rows("SELECT 1 FROM attempts WHERE state IN ('submitting', 'doubt')")
        done = r.once(240)
        assert done.returncode == 0 and len(sim.accepted()) == r.rows("SELECT COUNT(*) FROM jobs WHERE engine = 'fal'")[0][0]
        r.sound()


if __name__ == "__main__":
    main([test_a_drop_is_bought_once_and_served_again_for_nothing, test_a_cap_holds_and_says_so,
          test_a_dear_plan_waits_for_its_card, test_a_refused_card_cancels_the_drop, test_kills_buy_nothing_twice,
          test_a_lost_answer_is_asked_about_and_never_sent_again,
          test_a_doubt_of_a_cancelled_drop_asks_nobody_any_more, test_a_doubt_that_a_person_has_solved_otherwise_still_costs_its_job,
          test_an_answer_to_a_card_that_cannot_be_carried_out_says_why,
          test_the_stop_of_an_engine_is_said_though_another_is_stopped_already, test_a_key_that_is_not_accepted_stops_the_engine_and_keeps_its_jobs,
          test_equal_failures_stop_the_batch_after_the_fifth, test_trouble_of_every_kind_loses_nothing_and_buys_nothing_twice,
          test_what_one_model_refuses_another_makes, test_a_days_limit_holds_across_a_restart, test_a_plain_stop_puts_nothing_in_doubt,
          test_the_samples_are_made_by_the_engines_of_the_routing_table])
