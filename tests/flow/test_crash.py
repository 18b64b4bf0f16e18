#!/usr/bin/env python3
"""The daemon is killed again and again over a run of all samples; the tree at the end must be the undisturbed run's, byte for byte.

CRASH_KILLS (30): kills at random instants over a run of all samples. CRASH_COMMIT_STEP (9): of a smaller run, a kill at every so manieth
sync of a commit or a file, each in a root of its own. `make crash` asks for 500 and for every single one."""
import os
import random
import shutil
import subprocess
import time

from harness import HELD_CLOCK, SAMPLES, Root, main, products

KILLS = int(os.environ.get("CRASH_KILLS", "30"))
COMMIT_STEP = int(os.environ.get("CRASH_COMMIT_STEP", "9"))
SEED = int(os.environ.get("CRASH_SEED", "20260314"))


def held_root():
    return Root(env={"SLATED_CLOCK": HELD_CLOCK}, policy={"receipts": {"keep_done_h": 1000}})


def drop_samples(r):
    for name in sorted(os.listdir(SAMPLES)):
        source = os.path.join(SAMPLES, name)
        staged = os.path.join(r.stage, name)
        (shutil.copytree if os.path.isdir(source) else shutil.copy)(source, staged)
        os.rename(staged, r.path("inbox", name))


def drop_few(r):
    """A set of one product and a board of one shot: every kind of step, few pictures."""
    wish = products(1)
    wish["products"][0]["rank"] = 5
    r.drop("p.json", wish)
    r.drop("b.json", {"schema_version": "3", "project": "pier", "project_code": "PIE", "episode": 1, "aspect_ratio": "9:16", "shots": [
        {"shot_id": "SH01", "shot_type": "wide", "characters_in_shot": [], "duration_s": 0.5, "generation_approach": "held_frame_static",
         "first_frame": {"prompt": "Empty shaft, far lamp."}, "asset_name": "PIE_EP001_S01_T01_ENV"}]})


def undisturbed(drop=drop_samples):
    with held_root() as r:
        drop(r)
        done = r.once()
        assert done.returncode == 0, done.stderr
        assert not r.temporary(), r.temporary()
        return r.tree()


def compare(r, wanted):
    found = r.tree()
    missing = sorted(set(wanted) - set(found))
    extra = sorted(set(found) - set(wanted))
    differ = sorted(n for n in found if n in wanted and found[n] != wanted[n])
    assert not missing and not extra and not differ, "missing %s, extra %s, different %s" % (missing, extra, differ)
    assert not r.temporary(), r.temporary()
    for drop in r.status():
        jobs = r.jobs(drop["drop"])["list"]
        assert all(j["state"] in ("done", "kept") for j in jobs), [j for j in jobs if j["state"] not in ("done", "kept")]
        assert all(j["attempts"] <= 1 for j in jobs), "a job was counted twice"


def all_ended(r, samples):
    drops = r.status()
    return len(drops) >= samples and all(d["state"] == "ended" for d in drops)


def test_kills_at_random_instants_change_nothing():
    wanted = undisturbed()
    rng = random.Random(SEED)
    samples = len(os.listdir(SAMPLES))
    kills = rounds = 0
    while kills < KILLS:
        rounds += 1
        with held_root() as r:
            drop_samples(r)
            while kills < KILLS:
                r.start()
                # mostly in the rush, sometimes late enough for the long films
                deadline = time.monotonic() + rng.uniform(0.0, 0.4 if rng.random() < 0.8 else 5.0)
                while time.monotonic() < deadline and r.daemon.poll() is None:
                    time.sleep(0.003)
                r.kill()
                kills += 1
                if kills % 5 == 0 and all_ended(r, samples):
                    break
            done = r.once()
            assert done.returncode == 0, done.stderr + done.stdout
            compare(r, wanted)
    print("%d kills in %d runs" % (kills, rounds))


def commits_of_a_run():
    with held_root() as r:
        drop_few(r)
        trace = os.path.join(r.dir, "trace")
        subprocess.run(["strace", "-o", trace, "-e", "trace=fdatasync,fsync"] + r.args("once", "--plain"), env=r.env,
                       capture_output=True, timeout=600, check=True)
        return sum(1 for line in open(trace) if line.startswith(("fdatasync(", "fsync(")))


def test_a_kill_at_a_commit_changes_nothing():
    if not shutil.which("strace"):
        raise AssertionError("strace is not installed; make deps installs it")
    wanted = undisturbed(drop_few)
    last = commits_of_a_run()
    shots = 0
    for n in range(1, last + 1, COMMIT_STEP):
        with held_root() as r:
            drop_few(r)
            subprocess.run(["strace", "-o", "/dev/null", "-e", "trace=fdatasync,fsync", "-e",
                            "inject=fdatasync,fsync:signal=KILL:when=%d" % n] + r.args("once", "--plain"), env=r.env,
                           capture_output=True, timeout=600)
            done = r.once()
            assert done.returncode == 0, "after a kill at sync %d: %s" % (n, done.stderr)
            compare(r, wanted)
            shots += 1
    print("%d kills at %d syncs" % (shots, last))


if __name__ == "__main__":
    main([test_kills_at_random_instants_change_nothing, test_a_kill_at_a_commit_changes_nothing])
