#!/usr/bin/env python3
"""Engines that sell films, and the web UI that draws for nothing, with a real daemon: clips and pictures are made, troubles end as their answers say."""
import glob
import json
import os
import sqlite3

from harness import Root, main, products
from simulator import Simulator

KEY = "sim-key-0123456789"
ENGINES = {
    "runway": {"key": "RUNWAYML_API_SECRET", "model": "Gen-4 Turbo", "base": "https://api.dev.runwayml.com", "a_second": 0.05},
    "kling": {"key": "KLING_API_KEY", "model": "Kling v2.6", "base": "https://api-singapore.klingai.com", "a_second": 0.042},
    "seedance": {"key": "ARK_API_KEY", "model": "Seedance 2.5", "base": "https://ark.ap-southeast.bytepluses.com", "a_second": 0.06},
}
SHOT = {"shot_type": "medium", "characters_in_shot": ["IDA"], "duration_s": 5}
BOARD = {"schema_version": "3.1", "project": "pier", "project_code": "PIE", "episode": 4, "aspect_ratio": "16:9", "scenes": [
    {"id": "SC1", "heading": "EXT. PIER", "location": "pier", "time_of_day": "night", "shots": [
        {**SHOT, "shot_id": "SH01", "generation_approach": "standard_flf", "first_frame": {"prompt": "Ida waits on the pier."},
         "last_frame": {"prompt": "Ida walks away."}, "asset_name": "PIE_EP004_S01_T01_IDA"},
        {**SHOT, "shot_id": "SH02", "generation_approach": "held_frame", "first_frame": {"prompt": "The empty pier."},
         "asset_name": "PIE_EP004_S02_T01_IDA"}]}]}


class FilmRoot(Root):
    """Clips are made by the simulated engine, everything else by the embedded one."""

    def __init__(self, sim, key=KEY, policy=None, others=()):
        self.engine = ENGINES[sim.provider]
        super().__init__(policy or {"money": {"approve_above": 100}}, env={self.engine["key"]: key, "no_proxy": "*"})
        path = os.path.join(self.rules, "providers", sim.provider + ".json")
        text = open(path).read().replace(self.engine["base"], sim.url).replace('"first_ms": 5000', '"first_ms": 60')
        text = text.replace('"carrier": "http",', '"carrier": "http", "private": true,', 1).replace('"gap_ms": 1000', '"gap_ms": 50')
        # what this test says a second costs, where the file leaves it to the buyer
        text = text.replace('"set": {"ratio": "adaptive"}', '"set": {"ratio": "adaptive"}, "price": {"per": "second", "usd": 0.06}')
        open(path, "w").write(text)
        self.leave_ungated(sim.provider)
        rows = [{"engine": sim.provider, "model": self.engine["model"]}, *others]
        types = {"clip": {"*": rows}, "*": {"*": [{"engine": "local", "model": "embedded"}]}}
        json.dump({"about": "simulated", "use": "standard", "profiles": {"standard": {"about": "simulated", "types": types}}},
                  open(os.path.join(self.rules, "models", "routing.json"), "w"))
        self.drop("board.json", BOARD)

    def rows(self, sql):
        db = sqlite3.connect("file:%s?mode=ro" % self.path(".slated", "slated.db"), uri=True, timeout=10)
        try:
            return db.execute(sql).fetchall()
        finally:
            db.close()

    def clips(self):
        return self.rows("SELECT key, state, error FROM jobs WHERE engine = '%s' ORDER BY key" % self.name())

    def name(self):
        return next(n for n, e in ENGINES.items() if e is self.engine)


def quick(name):
    return Simulator(name, queue=100, run=150)


def clips_are_made(name):
    with quick(name) as sim, FilmRoot(sim) as r:
        done = r.once(200)
        assert done.returncode == 0, done.stdout[-3000:] + done.stderr
        accepted, ledger = sim.accepted(), sim.ledger(brief=True)["totals"]
        assert [c[1] for c in r.clips()] == ["done", "done"] and len(accepted) == 2, (r.clips(), accepted)
        assert all(a["downloads"] == 1 for a in accepted) and not ledger["notes"], (accepted, ledger["notes"])
        films = glob.glob(r.path("out", "projects", "pier", "storyboards", "assets", "ep_004", "PIE_EP004_S0*.mp4"))
        assert len(films) == 2 and all(open(f, "rb").read(8)[4:] == b"ftyp" for f in films), films
        spent = {row["name"]: row["spent"] for row in json.loads(r.cli("spend", "--by", "engine", "--json").stdout)["rows"]}
        assert abs(spent[name] - 10 * r.engine["a_second"]) < 1e-6, spent
        assert r.cli("spend", "--check").returncode == 0
        return accepted


def test_runway_makes_clips():
    clips_are_made("runway")


def test_kling_makes_clips_under_names_of_our_own():
    names = [a["handle"] for a in clips_are_made("kling")]
    assert all(names) and len(set(names)) == 2, names


def test_seedance_makes_clips():
    clips_are_made("seedance")


def test_what_kling_took_on_without_an_answer_is_found_by_its_name():
    with quick("kling") as sim, FilmRoot(sim) as r:
        sim.faults({"kind": "reset_after_accept"}, {"kind": "reset_before_accept", "after": 1})
        done = r.once(200)
        assert done.returncode == 0, done.stdout[-3000:] + done.stderr
        assert len(sim.accepted()) == 2 and [c[1] for c in r.clips()] == ["done", "done"], (sim.accepted(), r.clips())
        assert not r.rows("SELECT 1 FROM attempts WHERE state NOT IN ('settled', 'refunded')")


def test_a_lost_answer_of_the_others_is_asked_about():
    for name in ("runway", "seedance"):
        with quick(name) as sim, FilmRoot(sim) as r:
            sim.faults({"kind": "reset_after_accept"})
            assert r.once(200).returncode == 2
            assert len(sim.accepted()) == 2 and r.rows("SELECT COUNT(*) FROM attempts WHERE state = 'doubt'") == [(1,)], name
            assert len(glob.glob(r.path("approve", "in doubt*.md"))) == 1


def test_a_clip_joined_from_stand_ins_is_a_preview_itself():
    split = {**SHOT, "shot_id": "SH01", "generation_approach": "triptych_split_flf", "hero_frame": "Ida turns.", "duration_s": 10,
             "triptych_prompt": "Triptych of Ida on a pier.", "motion_prompt": "She turns.", "asset_name": "PIE_EP004_S01_T01_IDA"}
    board = json.loads(json.dumps(BOARD))
    board["scenes"][0]["shots"] = [split]
    for refused in (True, False):
        with quick("kling") as sim, FilmRoot(sim, others=[{"engine": "local", "model": "embedded"}]) as r:
            r.drop("board.json", board)
            if refused:
                sim.faults({"kind": "refused", "count": -1})
            done = r.once(200)
            assert done.returncode == 0, done.stdout[-3000:] + done.stderr
            jobs = {j["job"]: j for j in r.jobs(r.status()[0]["drop"])["list"]}
            assert jobs["SH01.seg1"]["preview"] == refused and jobs["SH01.clip"]["op"] == "film.join", jobs["SH01.seg1"]
            assert jobs["SH01.clip"]["preview"] == refused and jobs["episode.animatic"]["preview"], jobs["SH01.clip"]
            manifest = json.load(open(glob.glob(r.path("out", "projects", "pier", "storyboards", "assets", "ep_004", "assets_manifest.json"))[0]))
            assert {f["preview"] for f in manifest["files"] if f["role"] == "clip" and f["shot_id"]} == {refused}, manifest["files"]
            report = open(r.path("taken", r.status()[0]["drop"], "report.html")).read()
            assert ("local, embedded, preview" in report.split("SH01, clip")[1].split("<article")[0]) == refused, report.split("SH01, clip")[1][:600]


class DrawingRoot(Root):
    """Product pictures are drawn by the simulated web UI."""

    def __init__(self, sim):
        super().__init__(env={"no_proxy": "*"})
        path = os.path.join(self.rules, "providers", "automatic1111.json")
        text = open(path).read().replace("http://127.0.0.1:7860", sim.url).replace('"wait": 30', '"wait": 1')
        open(path, "w").write(text)
        self.leave_ungated("automatic1111")
        types = {"product": {"*": [{"engine": "automatic1111", "model": "txt2img"}]}, "*": {"*": [{"engine": "local", "model": "embedded"}]}}
        json.dump({"about": "simulated", "use": "standard", "profiles": {"standard": {"about": "simulated", "types": types}}},
                  open(os.path.join(self.rules, "models", "routing.json"), "w"))
        self.drop("products.json", products(1))

    rows = FilmRoot.rows


def test_the_web_ui_draws_products_one_at_a_time_for_nothing():
    with Simulator("automatic1111") as sim, DrawingRoot(sim) as r:
        sim.faults({"kind": "5xx"}, {"kind": "reset_after_accept"})  # the card is full; an answer is lost, which costs nothing here
        done = r.once(200)
        assert done.returncode == 0, done.stdout[-3000:] + done.stderr
        made = r.rows("SELECT COUNT(*) FROM jobs WHERE engine = 'automatic1111' AND state = 'done'")[0][0]
        ledger = sim.ledger(brief=True)
        assert made > 0 and ledger["totals"]["accepted"] == made + 1, (made, ledger)
        assert ledger["all"]["max_in_flight"] <= 1, ledger
        assert not r.rows("SELECT 1 FROM purses WHERE settled_u + reserved_u > 0")


def test_what_the_answers_say_is_done_next():
    """fault -> exit code, states of the two clips, what the page says; the key is wrong, money is gone, a prompt is refused."""
    for name, fault, page in (("runway", "auth", "RUNWAYML_API_SECRET"), ("kling", "quota", "Top up at Kling"), ("seedance", "auth", "ARK_API_KEY")):
        with quick(name) as sim, FilmRoot(sim) as r:
            sim.faults({"kind": fault, "count": -1})
            done = r.once(120)
            said = (name, fault, done.returncode, r.clips(), done.stdout[-1500:])
            assert done.returncode == 2 and not sim.accepted(), said
            assert not [c for c in r.clips() if c[1] in ("failed", "done")], said
            assert page in open(r.path("NEEDS-YOU.md")).read(), said
            sim.clear_faults()
            assert r.cli("resume").returncode == 0, said
            assert r.once(200).returncode == 0 and [c[1] for c in r.clips()] == ["done", "done"], r.clips()


def test_what_is_refused_goes_to_the_next_in_the_table():
    for name in ENGINES:
        with quick(name) as sim, FilmRoot(sim, others=[{"engine": "local", "model": "embedded"}]) as r:
            sim.faults({"kind": "refused", "count": -1})
            done = r.once(200)
            assert done.returncode == 0, done.stdout[-3000:] + done.stderr
            assert not r.clips() and len(r.rows("SELECT 1 FROM jobs WHERE key LIKE '%clip%' AND engine = 'local' AND why_engine IS NOT NULL "
                                                "AND state = 'done'")) == 2, (name, r.rows("SELECT key, engine, why_engine, state FROM jobs"))
            assert sim.cost() == 0 and r.cli("spend", "--check").returncode == 0


def test_a_wait_that_is_asked_for_is_kept():
    with quick("runway") as sim, FilmRoot(sim) as r:
        sim.faults({"kind": "429_wait", "seconds": 3})
        done = r.once(200)
        assert done.returncode == 0, done.stdout[-3000:] + done.stderr
        window = sim.ledger(brief=True)["windows"]["gen4_turbo"]
        assert window["submits"] == 3 and len(sim.accepted()) == 2, window
        assert all(a["accepted_at_ms"] > 0 for a in sim.accepted())


if __name__ == "__main__":
    main([v for k, v in sorted(globals().items()) if k.startswith("test_")])
