#!/usr/bin/env python3
"""Gate 2 with a real daemon: a simulated model looks at every picture that a simulated engine made; what fails is made again, then by the next
engine, then a person decides; what hangs on a picture waits for its look."""
# SPDX-License-Identifier: ISC
import glob
import json
import os
import re
import shutil
import sqlite3
import time

from harness import Root, main, wait
from simulator import Simulator
from test_bundle import board, shot

YES = {"pass": True, "confidence": 0.9, "problems": []}
NO = {"pass": False, "confidence": 0.9, "problems": ["two people, one was asked for", "no boat"]}
LOOK = "words.check."
MARK = "You judge the first picture"


class VisionRoot(Root):
    """Frames are made by Gemini's simulator (by OpenRouter's after it), looks are its text model's, films the local engine's."""

    def __init__(self, sim, rule=None, frames=None, policy=None, keys=True):
        for name in ("OPENROUTER_API_KEY", "GEMINI_API_KEY"):
            os.environ.pop(name, None)
        super().__init__(policy=policy, env=dict({"no_proxy": "*"}, **({"GEMINI_API_KEY": "sim-key-ge"} if keys else {})))
        path = os.path.join(self.rules, "providers", "gemini.json")
        text = open(path).read().replace("https://generativelanguage.googleapis.com", sim.url).replace('"gap_ms": 1000', '"gap_ms": 5')
        open(path, "w").write(text.replace('"carrier": "http",', '"carrier": "http", "private": true,', 1))
        local = [{"engine": "local", "model": "embedded"}]
        frames = frames or [{"engine": "gemini", "model": "Nano Banana Pro 2"}]
        types = {"text": {"*": [{"engine": "gemini", "model": "gemini-3.5-flash-lite"}]}, "keyframe": {"*": frames}, "*": {"*": local}}
        json.dump({"about": "simulated", "use": "standard", "profiles": {"standard": {"about": "simulated", "types": types}}},
                  open(os.path.join(self.rules, "models", "routing.json"), "w"))
        path = os.path.join(self.rules, "gates", "vision.json")
        lines = [line.split("//")[0] if line.strip().startswith("//") or ", //" in line or "  //" in line else line for line in open(path)]
        doc = json.loads("".join(lines))
        doc.update({"on": True}, **(rule or {}))
        json.dump(doc, open(path, "w"))

    def rows(self, sql):
        db = sqlite3.connect("file:%s?mode=ro" % self.path(".slated", "slated.db"), uri=True, timeout=10)
        try:
            return db.execute(sql).fetchall()
        finally:
            db.close()

    def state(self, key):
        return self.rows("SELECT state FROM jobs WHERE key = '%s'" % key)[0][0]

    def verdicts(self):
        return [v for (v,) in self.rows("SELECT verdict FROM gate_results WHERE gate = 2 ORDER BY id")]

    def frames(self):
        return sorted(p for p in glob.glob(self.path("out", "**", "*_first.png"), recursive=True) if ".versions" not in p)

    def daily(self):
        path = glob.glob(self.path("out", "**", "dailies_ep_*.json"), recursive=True)
        return list(json.load(open(path[0]))["shots"].values())[0]["gate_results"] if path else None

    def sound(self):
        said = self.cli("spend", "--check")
        assert said.returncode == 0, said.stderr


def looking(*answers):
    """The simulator of Gemini whose looks say these in turn, the last for ever."""
    sim = Simulator("gemini")
    sim.latency(run=5)
    orders = [{"kind": "say", "count": 1, "json" if isinstance(a, dict) else "text": a, "match": {"body": MARK}} for a in answers[:-1]]
    sim.faults(*orders, {"kind": "say", "count": -1, "json" if isinstance(answers[-1], dict) else "text": answers[-1], "match": {"body": MARK}})
    return sim


def pictures(sim):
    return [a for a in sim.accepted() if a["model"] != "gemini-3.5-flash-lite"]


def looks(sim):
    return [a for a in sim.accepted() if a["model"] == "gemini-3.5-flash-lite"]


def one(r, doc=None):
    r.drop("h.json", doc or board([shot(1)]))
    done = r.once()
    return done


def test_a_picture_that_passes_is_filed_with_its_verdict():
    with looking(YES) as sim, VisionRoot(sim) as r:
        plan = json.loads(r.cli("plan", r.write("h.json", board([shot(1)])), "--json").stdout)
        check = [j for j in plan["jobs"] if j["key"].startswith(LOOK)]
        assert len(check) == 1 and check[0]["price"] > 0 and plan["price"] > check[0]["price"], check
        done = one(r)
        assert done.returncode == 0, done.stdout + done.stderr
        assert len(pictures(sim)) == 1 and len(looks(sim)) == 1
        assert r.verdicts() == ["pass"] and r.state("SH01.clip") == "done"
        doc = json.load(open(r.frames()[0].replace(".png", ".verdict.json")))
        assert doc["verdict"] == "pass" and doc["confidence"] == 0.9, doc
        assert r.rows("SELECT a.started_s <= b.completed_s FROM jobs a, jobs b WHERE a.key = 'SH01.first' AND b.key = 'SH01.clip'")[0][0]
        look, clip = (r.rows("SELECT id FROM jobs WHERE key = '%s'" % k)[0][0] for k in (LOOK + "SH01.first", "SH01.clip"))
        assert r.rows("SELECT 1 FROM edges WHERE from_job = %d AND to_job = %d" % (look, clip)), "the clip does not wait for the look"
        page = open(glob.glob(r.path("taken", "*", "report.html"))[0]).read()
        assert "Texts" in page and "verdict.json" in page and not re.search(r"<img[^>]*verdict", page)
        r.sound()
        r.drop("again.json", board([shot(1)], title="Bellwater again"))
        done = r.once()
        assert done.returncode == 0 and len(pictures(sim)) == 1 and len(looks(sim)) == 1, "what was looked at is looked at again"


def test_a_picture_that_fails_is_made_again_with_what_was_wrong():
    with looking(NO, YES) as sim, VisionRoot(sim) as r:
        done = one(r)
        assert done.returncode == 0, done.stdout + done.stderr
        assert len(pictures(sim)) == 2 and len(looks(sim)) == 2 and r.verdicts() == ["fail", "pass"]
        prompt, params = r.rows("SELECT prompt, params FROM jobs WHERE key = 'SH01.first'")[0]
        assert "Mend what was wrong with the last one: two people, one was asked for; no boat" in prompt, prompt
        assert json.loads(params)["seed"] == 2, params
        kept = [f for d, _, names in os.walk(r.path("out")) if ".versions" in d for f in names if "_first" in f and f.endswith(".png")]
        assert len(kept) == 1, kept
        assert r.rows("SELECT COUNT(DISTINCT sha256) FROM gate_results WHERE gate = 2")[0][0] == 2
        said = r.daily()
        assert said["gate2"]["verdict"] == "pass" and said["gate2"]["name"] == "vision" and said["routing"] == "auto_pass", said
        assert [x["why"] for x in said["refused"]] == ["two people, one was asked for; no boat"], said
        assert r.state("SH01.clip") == "done" and r.rows("SELECT attempts FROM jobs WHERE key = 'SH01.clip'")[0][0] == 1, "the clip was made of the bad one"
        r.sound()


def test_after_so_many_its_next_engine_makes_it_then_a_person_decides():
    frames = [{"engine": "gemini", "model": "Nano Banana Pro 2"}, {"engine": "gemini", "model": "Nano Banana Pro"}]
    with looking(NO) as sim, VisionRoot(sim, {"retakes": 1}, frames) as r:
        done = one(r)
        assert done.returncode == 2, done.stdout + done.stderr
        assert [p["model"] for p in pictures(sim)] == ["gemini-3.1-flash-image"] * 2 + ["gemini-3-pro-image"] * 2, pictures(sim)
        assert r.verdicts() == ["fail"] * 4 and r.state(LOOK + "SH01.first") == "needs_person" and r.state("SH01.clip") == "skipped"
        assert "two people, one was asked for" in r.needs() and "slated approve EP001_SH01" in r.needs(), r.needs()
        assert "escalated" in done.stdout + done.stderr
        said = r.cli("approve", "EP001_SH01")
        assert said.returncode == 0, said.stderr
        done = r.once()
        assert r.state("SH01.clip") == "done" and r.state(LOOK + "SH01.first") == "done", done.stdout
        assert r.daily()["routing"] == "auto_pass" and len(r.daily()["refused"]) == 4, r.daily()
        assert len(looks(sim)) == 4
        r.sound()


def test_a_file_of_a_person_takes_the_place_of_what_was_sent_back():
    with looking(NO) as sim, VisionRoot(sim, {"retakes": 0}) as r:
        done = one(r)
        assert done.returncode == 2 and r.state(LOOK + "SH01.first") == "needs_person", done.stdout
        bundle = [b for b in glob.glob(r.path("manual_export", "EP001_SH01*")) if os.path.isdir(b)]
        assert bundle, os.listdir(r.path("manual_export"))
        from test_bundle import png
        os.makedirs(r.path("return"), exist_ok=True)
        open(r.path("return", "BWT_EP001_S01_T01_NELL_first.png"), "wb").write(png(768, 1344))
        r.start()
        wait(lambda: r.state("SH01.clip") == "done", 30, "the clip of the mended frame")
        assert r.state(LOOK + "SH01.first") == "done" and len(looks(sim)) == 1
        r.sound()


def test_a_no_that_is_not_sure_rejects_nothing():
    with looking({"pass": False, "confidence": 0.3, "problems": ["perhaps too dark"]}) as sim, VisionRoot(sim) as r:
        done = one(r)
        assert done.returncode == 0, done.stdout + done.stderr
        assert len(pictures(sim)) == 1 and r.verdicts() == ["review"] and r.state("SH01.clip") == "done"


def test_a_look_that_is_no_use_is_asked_for_again():
    with looking("It looks fine to me.", dict(NO, problems=[]), YES) as sim, VisionRoot(sim, {"asks": 3}) as r:
        done = one(r)
        assert done.returncode == 0, done.stdout + done.stderr
        assert len(looks(sim)) == 3 and len(pictures(sim)) == 1 and r.verdicts() == ["pass"]


def test_when_no_model_can_look_the_rule_decides():
    for unsure, clip in (("go_on", "done"), ("wait", "skipped")):
        with looking("no JSON ever") as sim, VisionRoot(sim, {"unsure": unsure}) as r:
            done = one(r)
            assert r.state("SH01.clip") == clip, (unsure, r.state("SH01.clip"), done.stdout)
            assert len(looks(sim)) == 2 and r.verdicts() == (["review"] if unsure == "go_on" else [])
            assert done.returncode == (0 if unsure == "go_on" else 2), done.stdout


def test_a_model_that_always_fails_stops_nothing():
    """After five equal errors it is asked no more; what hangs on the pictures goes on all the same."""
    with looking("no JSON ever") as sim, VisionRoot(sim) as r:
        done = one(r, board([shot(i + 1) for i in range(5)]))
        assert done.returncode == 0, done.stdout + done.stderr
        assert len(looks(sim)) < 10 and r.verdicts() == ["review"] * 5, (len(looks(sim)), r.verdicts())
        assert r.rows("SELECT COUNT(*) FROM jobs WHERE key LIKE '%.clip' AND state = 'done'") == [(5,)]


def test_a_retake_is_looked_at_anew():
    with looking(YES) as sim, VisionRoot(sim) as r:
        one(r)
        r.start()
        assert r.cli("retake", "EP001_SH01").returncode == 0
        wait(lambda: len(looks(sim)) == 2 and r.state("SH01.clip") == "done", 30, "the retake, looked at")
        assert r.verdicts() == ["pass", "pass"] and len(pictures(sim)) == 2
        r.ended(1, 30)
        r.sound()


def test_stand_ins_are_not_looked_at_and_a_missing_key_is_said():
    with looking(NO) as sim, VisionRoot(sim, frames=[{"engine": "local", "model": "embedded"}]) as r:
        done = one(r)
        assert done.returncode == 0 and not sim.accepted(), done.stdout
        assert not r.rows("SELECT 1 FROM jobs WHERE key LIKE 'words.%'")
    with looking(NO) as sim, VisionRoot(sim, {"engines": {}}, keys=False) as r:
        plan = r.cli("plan", r.write("h.json", board([shot(1)])))
        assert "GEMINI_API_KEY" in plan.stdout and "gate 2" in plan.stdout and LOOK not in plan.stdout, plan.stdout


def test_a_kill_at_any_instant_sends_nothing_back_twice():
    """The daemon is killed while pictures are made and looked at; in the end each picture was made once more and no more."""
    with looking(NO, YES) as sim, VisionRoot(sim) as r:
        sim.latency(run=60)
        r.drop("h.json", board([shot(1)]))
        for pause in (0.5, 0.62, 0.74, 0.86):
            r.start()
            try:
                wait(lambda: len(sim.accepted()) >= 4 and r.state("SH01.clip") == "done", pause, "nothing")
                break
            except (AssertionError, IndexError, sqlite3.OperationalError):
                r.kill()
        r.start()

        def settled():
            for card in glob.glob(r.path("approve", "*.md")):  # a kill within a request: a person says, buy it again
                os.rename(card, r.path("approve", "go", os.path.basename(card)))
            return r.state("SH01.clip") == "done"
        wait(settled, 60, lambda: "the clip: %s" % r.rows("SELECT key, state, error FROM jobs"))
        doubts = r.rows("SELECT COUNT(*) FROM attempts WHERE why LIKE '%again%' OR why LIKE '%lost%'")[0][0]
        assert len(pictures(sim)) <= 2 + doubts and r.verdicts()[-1] == "pass", (pictures(sim), r.verdicts(), doubts)
        r.sound()


class ClipRoot(VisionRoot):
    """One clip is made by Runway's simulator; Gemini's text model looks at it."""

    def __init__(self, sim, films, rule=None, gated=False):
        super().__init__(sim, rule)
        self.env["RUNWAYML_API_SECRET"] = "sim-key-0123456789"
        if not gated:
            self.leave_ungated("runway")
        path = os.path.join(self.rules, "providers", "runway.json")
        text = open(path).read().replace("https://api.dev.runwayml.com", films.url).replace('"first_ms": 5000', '"first_ms": 60')
        open(path, "w").write(text.replace('"carrier": "http",', '"carrier": "http", "private": true,', 1))
        path = os.path.join(self.rules, "models", "routing.json")
        doc = json.load(open(path))
        types = doc["profiles"]["standard"]["types"]
        types["clip"], types["keyframe"] = {"*": [{"engine": "runway", "model": "Gen-4 Turbo"}]}, types["*"]
        json.dump(doc, open(path, "w"))


MOVED = board([shot(1, generation_approach="held_frame", duration_s=5)], aspect_ratio="16:9")


def test_a_clip_is_looked_at_by_its_frames():
    with looking(NO, YES) as sim, Simulator("runway", queue=100, run=150) as films, ClipRoot(sim, films, {"frames": 3, "references_most": 1}) as r:
        plan = json.loads(r.cli("plan", r.write("h.json", MOVED), "--json").stdout)
        check = [j for j in plan["jobs"] if j["key"] == LOOK + "SH01.clip"]
        assert len(check) == 1 and check[0]["price"] > 0, check
        done = one(r, MOVED)
        assert done.returncode == 0, done.stdout + done.stderr
        assert len(films.accepted()) == 2 and len(looks(sim)) == 2 and r.verdicts() == ["fail", "pass"], (films.accepted(), looks(sim), r.verdicts())
        prompt, params = r.rows("SELECT prompt, params FROM jobs WHERE key = '%sSH01.clip'" % LOOK)[0]
        assert "Pictures 1 to 3 are frames of the clip" in prompt and "Picture 4 is its reference" in prompt, prompt
        for look in looks(sim):
            shown = look["pictures"]
            assert [p["type"] for p in shown[:3]] == ["image/jpeg"] * 3 and len(shown) == 4, shown
            assert len({p["digest"] for p in shown}) == 4 and all(max(p["width"], p["height"]) <= 1024 for p in shown[:3]), shown
        clips = [p for p in glob.glob(r.path("out", "**", "*.mp4"), recursive=True) if ".versions" not in p and os.path.exists(p.replace(".mp4", ".verdict.json"))]
        assert len(clips) == 1 and json.load(open(clips[0].replace(".mp4", ".verdict.json")))["verdict"] == "pass", clips
        spent = {row["name"]: row["spent"] for row in json.loads(r.cli("spend", "--by", "engine", "--json").stdout)["rows"]}
        assert spent["gemini"] > 0, spent
        r.sound()


def test_a_clip_that_cannot_be_read_goes_as_the_rule_says():
    with looking(YES) as sim, Simulator("runway", queue=100, run=150) as films, ClipRoot(sim, films) as r:
        r.env["SLATED_FFMPEG"] = "/nowhere/ffmpeg"
        done = one(r, MOVED)
        assert not looks(sim) and "review" in r.verdicts(), (done.stdout[-2000:], r.verdicts())


def test_a_clip_that_no_program_can_look_at_is_kept_and_not_bought_again():
    with looking(YES) as sim, Simulator("runway", queue=100, run=150) as films, ClipRoot(sim, films, gated=True) as r:
        r.env["SLATED_FFMPEG"] = "/nowhere/ffmpeg"
        done = one(r, MOVED)
        assert len(films.accepted()) == 1 and r.state("SH01.clip") == "done", (films.accepted(), r.rows("SELECT key, state, error FROM jobs"), done.stdout[-1500:])
        r.sound()


def test_frames_of_a_look_that_was_cancelled_begin_no_other():
    """They come when the look has been asked for again, which waits for its own."""
    with looking(YES) as sim, Simulator("runway", queue=100, run=150) as films, ClipRoot(sim, films) as r:
        slow = r.write("ffmpeg", "#!/bin/sh\nsleep 3\nexec %s \"$@\"\n" % shutil.which("ffmpeg"))
        os.chmod(slow, 0o755)
        r.env["SLATED_FFMPEG"] = slow
        r.drop("h.json", MOVED)
        r.start()
        wait(lambda: r.status() and r.jobs(r.status()[0]["drop"]) and r.state(LOOK + "SH01.clip") == "running", 60, "the frames to be asked for")
        drop = r.status()[0]["drop"]
        sim.latency(run=4000)
        time.sleep(1)
        assert r.cli("cancel", drop).returncode == 0 and r.cli("retry", drop).returncode == 0
        wait(lambda: r.state(LOOK + "SH01.clip") in ("done", "held"), 60, "its verdict")
        assert r.state(LOOK + "SH01.clip") == "done" and len(looks(sim)) == 1, (looks(sim), r.rows("SELECT key, state, error FROM jobs"))
        r.sound()


if __name__ == "__main__":
    main([test_a_picture_that_passes_is_filed_with_its_verdict,
          test_a_picture_that_fails_is_made_again_with_what_was_wrong,
          test_after_so_many_its_next_engine_makes_it_then_a_person_decides,
          test_a_file_of_a_person_takes_the_place_of_what_was_sent_back,
          test_a_no_that_is_not_sure_rejects_nothing,
          test_a_look_that_is_no_use_is_asked_for_again,
          test_when_no_model_can_look_the_rule_decides,
          test_a_model_that_always_fails_stops_nothing,
          test_a_retake_is_looked_at_anew,
          test_stand_ins_are_not_looked_at_and_a_missing_key_is_said,
          test_a_clip_is_looked_at_by_its_frames,
          test_a_clip_that_cannot_be_read_goes_as_the_rule_says,
          test_a_clip_that_no_program_can_look_at_is_kept_and_not_bought_again,
          test_frames_of_a_look_that_was_cancelled_begin_no_other,
          test_a_kill_at_any_instant_sends_nothing_back_twice])
