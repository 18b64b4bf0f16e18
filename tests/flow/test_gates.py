#!/usr/bin/env python3
"""What an engine makes has to pass the first gate: with a real daemon and simulated engines that answer black, empty, torn and mistaken pictures."""
import glob
import json
import os

from harness import main, products
from simulator import Simulator
from test_paid import PaidRoot

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


if __name__ == "__main__":
    main([value for name, value in list(globals().items()) if name.startswith("test_")])
