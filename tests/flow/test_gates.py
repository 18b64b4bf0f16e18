#!/usr/bin/env python3
"""What an engine makes has to pass the first gate: with a real daemon and simulated engines that answer black, empty, torn and mistaken pictures."""
import glob
import json
import os
import random
import shutil
import struct
import time
import zlib

from harness import SAMPLES, Root, main, products
from simulator import Simulator
from test_paid import PaidRoot, at_simulators

LOCAL = {"engine": "local", "model": "embedded"}


def quick():
    sim = Simulator("fal")
    sim.latency(queue=20, run=40)
    return sim


class GateRoot(PaidRoot):
    """One product in five pictures, bought at the simulated fal; no waits between attempts."""

    def __init__(self, sim, others=(), policy=None):
        super().__init__(sim, dict({"engine": {"retry_waits_s": [0]}}, **(policy or {})), others=others)
        self.drop("products.json", products(1))

    def said(self):
        """What was judged, oldest first."""
        return self.rows("SELECT verdict, fault, why, kept, sha256, body FROM gate_results ORDER BY id")

    def refused(self):
        return [row for row in self.said() if row[0] == "fail"]

    def bought(self):
        return self.rows("SELECT COUNT(*) FROM jobs WHERE engine = 'fal' AND state = 'done'")[0][0]


def one_fault(kind, check, **more):
    """One picture comes wrong: it is kept aside, paid for and asked for again."""
    with quick() as sim, GateRoot(sim) as r:
        sim.faults(dict({"kind": kind, "match": {"role": "submit"}}, **more))
        done = r.once(240)
        assert done.returncode == 0, done.stdout + done.stderr
        refused = r.refused()
        assert len(refused) == 1 and refused[0][1] == check, (kind, refused)
        _, _, why, kept, sha256, body = refused[0]
        assert len(sim.accepted()) == r.bought() + 1, (len(sim.accepted()), r.bought())
        assert "(%s)" % check in done.stderr and why in done.stderr, done.stderr
        failed = [one for one in json.loads(body)["checks"] if one["verdict"] == "fail"]
        assert failed[0]["check"] == check and "measured" in failed[0] and "allowed" in failed[0], failed
        assert os.path.exists(r.path("out", kept)) and why in open(r.path("out", kept + ".txt")).read()
        assert ".versions/" in kept and "refused-" + sha256[:8] in kept
        again = r.rows("SELECT r.sha256 FROM results r JOIN jobs j ON j.hash = r.hash JOIN gate_results g ON g.job_id = j.id WHERE g.verdict = 'fail'")
        assert again and again[0][0] != sha256, "what was refused is kept as if it were good"
        bodies = [one["body_sha256"] for one in sim.accepted()]
        assert len(set(bodies)) == len(bodies), "the same was asked for again, with the same seed"
        charged = r.rows("SELECT COUNT(*) FROM attempts WHERE settled_u > 0")[0][0]
        assert charged == len(sim.accepted()), (charged, len(sim.accepted()))
        r.sound()
        return r, why, kept, documents(r)


def documents(r):
    manifest = json.load(open(glob.glob(r.path("out", "**", "assets_manifest.json"), recursive=True)[0]))
    report = open(glob.glob(r.path("taken", "*", "report.html"))[0]).read()
    return manifest, report


def test_a_black_picture_is_asked_for_again_and_told_everywhere():
    _, why, kept, (manifest, report) = one_fault("black_image", "black")
    told = [e["gate_results"] for e in manifest["entries"] + manifest["others"] if e["gate_results"].get("refused")]
    assert len(told) == 1, manifest
    assert told[0]["refused"][0]["why"] == why and told[0]["refused"][0]["file"] == kept, told
    assert told[0]["gate1"]["verdict"] == "pass" and told[0]["routing"] == "auto_pass", told
    passed = {one["check"] for one in told[0]["gate1"]["checks"]}
    assert {"bytes", "black", "blank", "ratio", "size", "torn", "smeared"} <= passed, passed
    assert "Refused by a gate" in report and os.path.basename(kept) in report


def test_a_picture_of_the_wrong_shape_is_asked_for_again():
    _, why, _, _ = one_fault("wrong_size", "ratio")
    assert "asked for" in why, why


def test_the_picture_of_another_prompt_is_asked_for_again():
    _, why, _, _ = one_fault("duplicate_answer", "duplicate", after=1)
    assert "the same" in why, why


def test_a_gate_passes_pictures_as_they_are_made():
    with quick() as sim, GateRoot(sim) as r:
        assert r.once(240).returncode == 0
        said = r.said()
        assert len(said) == len(sim.accepted()) == r.bought() and {row[0] for row in said} == {"pass"}, said


def test_what_keeps_failing_goes_to_the_next_engine():
    with quick() as sim, GateRoot(sim, others=[LOCAL]) as r:
        sim.faults({"kind": "black_image", "count": -1, "match": {"role": "submit"}})
        done = r.once(240)
        assert done.returncode == 0, done.stdout + done.stderr
        rows = r.rows("SELECT engine, why_engine, state FROM jobs WHERE key LIKE '01_%'")
        assert rows and all(engine == "local" and state == "done" for engine, _, state in rows), rows
        assert sum("it is black" in why for _, why, _ in rows) >= 2, rows
        assert len(r.refused()) == len(sim.accepted()) > 0
        r.sound()


def test_what_no_engine_makes_well_goes_to_a_person_with_its_bundle():
    with quick() as sim, GateRoot(sim) as r:
        sim.faults({"kind": "black_image", "count": 2, "match": {"role": "submit", "body": "2048"}})
        done = r.once(240)
        assert done.returncode == 2, done.stdout + done.stderr
        rows = r.rows("SELECT state, error, unit FROM jobs WHERE state NOT IN ('done', 'kept')")
        assert rows and all(state == "needs_person" and "gate black" in error for state, error, _ in rows), rows
        needs = open(r.path("NEEDS-YOU.md")).read()
        assert "gate black: it is black" in needs and "slated retry" in needs, needs
        bundles = [d for d in os.listdir(r.path("manual_export")) if os.path.isdir(r.path("manual_export", d))]
        assert len(bundles) == len(rows), (bundles, rows)
        status = r.cli("status", r.status()[0]["drop"]).stdout
        assert "gate black" in status, status
        r.sound()
        again = r.cli("retry", r.status()[0]["drop"])
        assert again.returncode == 0, again.stderr
        done = r.once(240)
        assert done.returncode == 0, done.stdout + done.stderr


def test_a_check_can_be_switched_off():
    with quick() as sim, GateRoot(sim) as r:
        path = os.path.join(r.rules, "gates", "local.json")
        text = open(path).read()
        for name in ("black", "blank"):
            text = text.replace('"%s": {' % name, '"%s": {"on": false, ' % name)
        text = text.replace('"kinds": {', '"kinds": {"product.scene": {"duplicate": {"on": false}},', 1)
        open(path, "w").write(text)
        sim.faults({"kind": "black_image", "count": -1, "match": {"role": "submit"}})
        done = r.once(240)
        assert done.returncode == 0, done.stdout + done.stderr
        assert not r.refused() and len(sim.accepted()) == r.bought()


def test_an_empty_file_is_asked_for_again():
    with quick() as sim, GateRoot(sim) as r:
        sim.faults({"kind": "empty_image", "match": {"role": "submit"}})
        done = r.once(240)
        assert done.returncode == 0, done.stdout + done.stderr
        assert len(sim.accepted()) == r.bought() + 1 and not r.refused(), (len(sim.accepted()), r.refused())
        r.sound()


def test_kills_lose_no_verdict_and_let_nothing_pass():
    """Killed again and again while half of all pictures come black: what lies in the tree has passed, what was refused is kept, all is paid once."""
    shots = random.Random(5)
    with quick() as sim, GateRoot(sim, others=[LOCAL]) as r:
        sim.faults({"random": {"seed": 2, "rate": 0.5, "kinds": ["black_image"]}, "match": {"role": "submit"}})
        r.drop("more.json", products(2, "v2"))
        for _ in range(8):
            r.start()
            time.sleep(shots.uniform(0.1, 0.8))
            r.kill()
        done = r.once(280)
        for card in glob.glob(r.path("approve", "in doubt*.md")):
            os.rename(card, r.path("approve", "go", os.path.basename(card)))
            done = r.once(280)
        assert done.returncode == 0, done.stdout[-2000:] + done.stderr[-2000:]
        black = {row[4] for row in r.refused()}
        current = {row[0] for row in r.rows("SELECT sha256 FROM assets WHERE current")}
        kept = r.rows("SELECT sha256 FROM results")
        assert black and not black & current and not black & {row[0] for row in kept}, (black, current)
        assert all(os.path.exists(r.path("out", row[3])) for row in r.refused())
        unjudged = r.rows("SELECT a.path FROM assets a JOIN jobs j ON j.id = a.job_id WHERE j.engine = 'fal' AND j.state = 'done' AND NOT EXISTS"
                          " (SELECT 1 FROM gate_results g WHERE g.job_id = j.id AND g.verdict = 'pass' AND g.sha256 = a.sha256)")
        assert not unjudged, unjudged
        r.sound()


class BoardRoot(Root):
    """The sample board, its frames and clips bought at the simulated fal."""

    def __init__(self, sim):
        super().__init__({"money": {"approve_above": 100}, "engine": {"retry_waits_s": [0]}}, env={"FAL_KEY": "sim-key-0123456789", "no_proxy": "*"})
        at_simulators(self, fal={"https://queue.fal.run": sim.url + "/queue", "https://rest.fal.ai": sim.url + "/rest"})
        shutil.copy(os.path.join(SAMPLES, "harbor_ep_001.json"), self.path("inbox"))


def test_a_clip_is_looked_at_and_its_shot_tells():
    with quick() as sim, BoardRoot(sim) as r:
        sim.latency(film=50)
        film = {"role": "submit", "path": "image-to-video"}
        sim.faults({"kind": "black_image", "match": film})
        done = r.once(280)
        assert done.returncode == 0, done.stdout + done.stderr
        refused = PaidRoot.rows(r, "SELECT j.op, j.unit, g.fault, g.why, g.kept FROM gate_results g JOIN jobs j ON j.id = g.job_id WHERE g.verdict = 'fail'")
        assert len(refused) == 1, refused
        op, unit, fault, why, kept = refused[0]
        assert op.startswith("film.") and fault == "black" and "3 of its first, middle and last frame" in why and kept.endswith(".mp4"), refused
        passed = PaidRoot.rows(r, "SELECT COUNT(*) FROM gate_results g JOIN jobs j ON j.id = g.job_id WHERE g.verdict = 'pass' AND j.op LIKE 'film.%'")[0][0]
        made = PaidRoot.rows(r, "SELECT COUNT(*) FROM jobs WHERE op LIKE 'film.%' AND engine = 'fal' AND state = 'done'")[0][0]
        assert passed == made > 0, (passed, made)
        line = next(line for line in r.cli("status", unit.split("_SH")[0]).stdout.splitlines() if line.startswith(unit + " "))
        assert "1 take refused (last: black)" in line, line
        dailies = json.load(open(glob.glob(r.path("out", "**", "dailies_ep_*.json"), recursive=True)[0]))
        told = [shot["gate_results"] for shot in dailies["shots"].values() if shot["gate_results"].get("refused")]
        assert len(told) == 1 and told[0]["refused"][0]["gate"] == "black" and told[0]["routing"] == "auto_pass", told
        assert told[0]["gate1"]["checks"], told
        previz = json.load(open(glob.glob(r.path("out", "**", "previz_manifest.json"), recursive=True)[0]))
        assert all(shot["gate_results"]["gate1"]["verdict"] == "pass" for shot in previz["shots"]), previz
        manifest = json.load(open(glob.glob(r.path("out", "**", "assets_manifest.json"), recursive=True)[0]))
        assert any(f["gate_results"].get("refused") for f in manifest["files"])


def test_what_the_samples_become_is_never_refused():
    """False alarms: everything that the simulated engines and the local one make of the samples passes."""
    keys = {"FAL_KEY": "sim-key-0123456789", "GEMINI_API_KEY": "sim-key-9876543210", "no_proxy": "*"}
    with quick() as fal, Simulator("gemini") as gemini, Root({"money": {"approve_above": 100}}, env=keys) as r:
        fal.latency(film=100)
        at_simulators(r, fal={"https://queue.fal.run": fal.url + "/queue", "https://rest.fal.ai": fal.url + "/rest"},
                      gemini={"https://generativelanguage.googleapis.com": gemini.url})
        shutil.copy(os.path.join(SAMPLES, "harbor_ep_001.json"), r.path("inbox"))
        for name in ("Hoodie_combo", "desk-lamps"):
            shutil.copytree(os.path.join(SAMPLES, name), r.path("inbox", name))
        done = r.once(300)
        assert "info gate " not in done.stderr, done.stderr
        said = PaidRoot.rows(r, "SELECT g.verdict, j.op, g.body FROM gate_results g JOIN jobs j ON j.id = g.job_id")
        assert len(said) > 20 and {row[0] for row in said} == {"pass"}, said
        clips = [json.loads(body) for _, op, body in said if op.startswith("film.")]
        assert clips and all("seconds" in {one["check"] for one in clip["checks"]} for clip in clips), said
        made = [p for p in glob.glob(r.path("out", "**"), recursive=True) if p.endswith((".png", ".webp", ".mp4", ".jpg"))]
        judged = json.loads(r.cli("gates", "check", "--json", *made).stdout)
        wrong = [one for one in judged if one["verdict"] == "fail" and one["check"] != "duplicate"]
        assert len(judged) == len(made) and not wrong, wrong
        print("%d files of simulated engines judged on their way, %d of all judged once more: none refused" % (len(said), len(made)))


def png(path, width, height, at):
    rows = b"".join(b"\0" + b"".join(bytes(at(x, y)) for x in range(width)) for y in range(height))

    def chunk(kind, data):
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))
    with open(path, "wb") as f:
        f.write(b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)) + chunk(b"IDAT", zlib.compress(rows)) +
                chunk(b"IEND", b""))


def test_a_person_can_have_any_file_judged():
    def scene(x, y):
        return ((x * 7 + y * 3) * 37 % 200 + 20, (x * x + y * 5) % 200 + 20, (x + y * y) % 180 + 20)

    drawn = {
        "good": scene, "black": lambda x, y: (0, 0, 0), "white": lambda x, y: (255, 255, 255),
        "torn": lambda x, y: scene(x, y) if y < 120 else (128, 128, 128), "smeared": lambda x, y: scene(x, min(y, 80)),
        "boxed": lambda x, y: scene(x, y) if 40 <= y < 160 else (0, 0, 0), "wrong": scene,
    }
    with Root() as r:
        paths = {name: os.path.join(r.stage, name + ".png") for name in drawn}
        for name, at in drawn.items():
            png(paths[name], 300 if name != "wrong" else 200, 200, at)
        with open(paths["good"], "rb") as f:
            whole = f.read()
        paths["cut"] = os.path.join(r.stage, "cut.png")
        with open(paths["cut"], "wb") as f:
            f.write(whole[:-1])
        said = r.cli("gates", "check", "--json", "--size", "300x200", *paths.values())
        assert said.returncode == 2, said.stderr
        told = {os.path.basename(one["file"])[:-4]: one.get("check") for one in json.loads(said.stdout)}
        assert told == {"good": None, "black": "black", "white": "blank", "torn": "torn", "smeared": "smeared", "boxed": None, "wrong": "ratio",
                        "cut": "whole"}, told
        said = r.cli("gates", "check", paths["good"], paths["boxed"])
        assert said.returncode == 0 and "2 judged, 0 refused" in said.stdout, said.stdout
        again = os.path.join(r.stage, "again.png")
        shutil.copy(paths["good"], again)
        said = r.cli("gates", "check", paths["good"], again)
        assert said.returncode == 2 and "the same file as" in said.stdout, said.stdout


if __name__ == "__main__":
    main([value for name, value in list(globals().items()) if name.startswith("test_")])
