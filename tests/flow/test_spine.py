#!/usr/bin/env python3
"""From a dropped file to a finished tree, as a person meets it: the samples, the same again, one change, refusals, commands, stops."""
import http.server
import json
import os
import shutil
import signal
import socket
import subprocess
import threading
import time
import zipfile

from harness import HELD_CLOCK, SAMPLES, SLATED, Root, main, products, wait


def sample(r, part):
    """The sample whose name contains part, staged and moved in."""
    name = next(n for n in sorted(os.listdir(SAMPLES)) if part in n)
    source, staged = os.path.join(SAMPLES, name), os.path.join(r.stage, name)
    (shutil.copytree if os.path.isdir(source) else shutil.copy)(source, staged)
    os.rename(staged, r.path("inbox", name))
    return name


def board(shots=2, prompt="Empty shaft, far lamp."):
    return {"schema_version": "3", "project": "pier", "project_code": "PIE", "episode": 1, "aspect_ratio": "9:16",
            "shots": [{"shot_id": "SH%02d" % (i + 1), "shot_type": "wide", "characters_in_shot": [], "duration_s": 1.0,
                       "generation_approach": "held_frame_static",
                       "first_frame": {"prompt": prompt if i == 0 else "A quay at dusk, number %d." % i},
                       "asset_name": "PIE_EP001_S%02d_T01_ENV" % (i + 1)} for i in range(shots)]}


def jobs_by_state(r, drop):
    found = {}
    for job in r.jobs(drop)["list"]:
        found.setdefault(job["state"], []).append(job["job"])
    return found


def test_all_samples_become_trees_with_report_and_receipt():
    with Root() as r:
        names = sorted(os.listdir(SAMPLES))
        for name in names:
            sample(r, name)
        done = r.once()
        assert done.returncode == 0, done.stdout + done.stderr
        assert not r.inbox() and not r.temporary()
        drops = r.status()
        assert len(drops) == len(names)
        for drop in drops:
            assert drop["state"] == "ended" and set(drop["jobs"]) == {"done", "total"}, drop
            assert os.path.exists(r.path("taken", drop["drop"], "report.html"))
            assert os.path.exists(r.path("taken", drop["drop"], "plan.txt"))
            assert ": done" in r.receipt(drop["entry"]), r.receipt(drop["entry"])
        for job in [j for d in drops for j in r.jobs(d["drop"])["list"]]:
            for file in job["files"]:
                path = r.path("out", file["path"])
                assert os.path.getsize(path) > 100, path


def test_the_same_again_makes_nothing_again():
    with Root() as r:
        r.drop("a.json", products(1))
        assert r.once().returncode == 0
        before = r.tree()
        r.drop("b.json", products(1))
        assert r.once().returncode == 0
        assert {k: v for k, v in r.tree().items() if not k.endswith(".json")} == {k: v for k, v in before.items() if not k.endswith(".json")}
        newest = r.status()[0]
        assert set(newest["jobs"]) == {"kept", "total"}, newest
        assert "nothing had to be made again" in r.receipt("b.json")


def test_two_drops_of_one_content_at_once_are_made_once():
    with Root() as r:
        r.drop("a.json", products(1))
        r.drop("b.json", products(1))
        assert r.once().returncode == 0
        counts = {}
        for d in r.status():
            for state, n in d["jobs"].items():
                counts[state] = counts.get(state, 0) + n
        assert counts["done"] == counts["kept"] and counts["done"] + counts["kept"] == counts["total"], counts


def test_one_changed_shot_is_made_with_what_hangs_on_it():
    with Root() as r:
        r.drop("board.json", board())
        assert r.once().returncode == 0
        r.drop("board.json", board(prompt="A flooded shaft, near lamp."))
        assert r.once().returncode == 0
        state = jobs_by_state(r, r.status()[0]["drop"])
        assert any(k.startswith("SH01") for k in state["done"]), state
        assert not any(k.startswith("SH01") for k in state["kept"]), state
        assert any(k.startswith("SH02") for k in state["kept"]), state
        assert not any(k.startswith("SH02") for k in state["done"]), state
        versions = [p for p in r.tree() if ".versions/" in p and "S01" in p and p.endswith(".png")]
        assert versions and not [p for p in r.tree() if ".versions/" in p and "S02" in p], r.tree()


def test_a_deleted_picture_is_made_again_and_a_changed_one_is_kept_beside():
    with Root() as r:
        r.drop("a.json", products(1))
        assert r.once().returncode == 0
        pictures = sorted(p for p in r.tree() if p.endswith(".png"))
        os.remove(r.path("out", pictures[0]))
        with open(r.path("out", pictures[1]), "wb") as f:
            f.write(b"my own work")
        r.drop("a.json", products(1))
        assert r.once().returncode == 0
        tree = r.tree()
        assert pictures[0] in tree
        kept = [p for p in tree if ".versions/" in p and open(r.path("out", p), "rb").read() == b"my own work"]
        assert len(kept) == 1, kept


def test_refusals_say_where_and_what():
    bad = {"broken.json": (b'{"products": [}', "JSON_SYNTAX"),
           "twice.json": (b'{"products": [], "products": []}', "JSON_DUPLICATE_KEY"),
           "other.json": (b'{"hello": 1}', None),
           "rank.json": (json.dumps({"products": [{"rank": 1, "name": "A"}, {"rank": 1, "name": "B"}]}), None),
           "notes.txt": ("just some words\n", None)}
    with Root() as r:
        for name, (content, _) in bad.items():
            r.drop(name, content)
        r.drop("good.json", products(1))
        done = r.once()
        assert done.returncode == 2, (done.returncode, done.stderr)
        for name, (content, code) in bad.items():
            why = r.why(name)
            assert why and (code is None or code in why), (name, why)
            kept = open(r.path("refused", name, name), "rb").read()
            assert kept == (content if isinstance(content, bytes) else content.encode()), name
        assert r.status()[0]["entry"] == "good.json" and r.status()[0]["state"] == "ended"
        assert "refused: broken.json" in open(r.path("NEEDS-YOU.md")).read()


def test_a_good_drop_closes_the_refusal_of_its_name():
    with Root() as r:
        r.drop("a.json", '{"products": 1}')
        assert r.once().returncode == 2 and r.why("a.json")
        r.drop("a.json", products(1))
        assert r.once().returncode == 0
        assert not r.why("a.json") and not os.path.exists(r.path("NEEDS-YOU.md"))
        assert os.listdir(r.path("refused", ".closed"))


def test_plan_shows_and_touches_nothing():
    with Root() as r:
        file = r.write("p.json", products(5))
        before = sorted(os.listdir(r.root))
        text = r.cli("plan", file)
        assert text.returncode == 0 and "01_hero.png" in text.stdout, text.stdout + text.stderr
        tree = json.loads(r.cli("plan", file, "--json").stdout)
        assert len(tree["jobs"]) == 21, len(tree["jobs"])
        assert sorted(os.listdir(r.root)) == before and os.path.exists(file)
        assert r.cli("plan", r.write("bad.json", "{")).returncode == 2
        assert r.cli("plan", os.path.join(r.stage, "nobody.json")).returncode == 1


def test_stop_ends_within_two_seconds_and_the_next_start_goes_on():
    with Root() as r:
        r.start()
        r.drop("p.json", products(5))
        r.taken()
        code, took = r.stop()
        assert code == 0 and took < 2, (code, took)
        assert r.status()[0]["state"] == "running"
        assert r.once().returncode == 0 and r.status()[0]["state"] == "ended"


def test_pause_resume_cancel_and_retry_reach_a_running_daemon():
    with Root() as r:
        r.start()
        assert r.cli("pause").returncode == 0
        r.drop("p.json", products(1))
        drop = r.taken()[0]["drop"]
        time.sleep(0.5)
        assert "done" not in r.status()[0]["jobs"], "made while paused"
        assert r.cli("cancel", drop).returncode == 0
        assert r.status()[0]["state"] == "cancelled"
        assert r.cli("cancel", drop).returncode == 1
        assert r.cli("retry", drop).returncode == 0
        assert r.cli("resume").returncode == 0
        r.ended()
        assert set(r.status()[0]["jobs"]) == {"done", "total"}, r.status()
        again = r.cli("retry", drop, "--job", "01_hero")
        assert again.returncode == 0 and "1 job" in again.stdout, again.stdout + again.stderr
        r.ended()
        assert r.cli("retry", drop, "--job", "nobody").returncode == 1
        assert r.cli("retry", "nobody").returncode == 1
        assert "nothing" in r.cli("retry", drop).stdout


def test_commands_work_without_a_daemon():
    with Root() as r:
        r.drop("p.json", products(1))
        assert r.once().returncode == 0
        drop = r.status()[0]["drop"]
        assert r.cli("retry", drop, "--job", "1").returncode == 0
        assert r.status()[0]["state"] == "running"
        assert r.once().returncode == 0


def test_a_second_daemon_is_told_who_holds_the_root():
    with Root() as r:
        r.start()
        second = subprocess.run(r.args("once"), capture_output=True, text=True, timeout=20)
        assert second.returncode == 1 and str(r.daemon.pid) in second.stderr, second.stderr
        r.kill()
        assert r.once().returncode == 0, "a lock outlived its holder"


def test_new_rules_are_taken_only_when_they_are_good():
    with Root() as r:
        r.start()
        r.set_policy({"watch": {"settle_ms": "soon"}})
        r.daemon.send_signal(signal.SIGHUP)
        wait(lambda: "old ones stay in force" in open(r.log).read(), what="the fault of the rules")
        assert r.cli("rules", "check").returncode == 1
        r.set_policy({"watch": {"settle_ms": 100}})
        r.daemon.send_signal(signal.SIGHUP)
        wait(lambda: "loaded again" in open(r.log).read(), what="the new rules")
        assert r.cli("rules", "check").returncode == 0
        r.drop("p.json", products(1))
        r.ended()


def test_the_service_manager_hears_readiness_watchdog_and_stop():
    with Root() as r:
        address = os.path.join(r.dir, "notify")
        listener = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        listener.bind(address)
        listener.settimeout(10)
        r.env.update({"NOTIFY_SOCKET": address, "WATCHDOG_USEC": "400000"})
        r.start()
        heard = [listener.recv(1000).decode()]
        assert heard[0].startswith("READY=1"), heard
        while heard.count("WATCHDOG=1") < 3:
            heard.append(listener.recv(1000).decode())
        r.stop()
        while "STOPPING=1" not in heard:
            heard.append(listener.recv(1000).decode())


def test_another_roots_store_stops_before_anything_is_taken():
    with Root() as r:
        r.drop("a.json", products(1))
        assert r.once().returncode == 0
        os.remove(r.path("inbox", ".slated-root"))
        r.drop("b.json", products(1, "v2"))
        done = r.once()
        assert done.returncode == 2 and r.inbox() == ["b.json"], (done.returncode, r.inbox())
        assert "STOP" in open(r.path("NEEDS-YOU.md")).read()
        assert r.cli("resume").returncode == 0
        assert r.once().returncode == 0 and not r.inbox()


def test_a_new_empty_inbox_is_taken_over_and_a_full_one_stops_everything():
    with Root() as r:
        r.start()
        os.rename(r.path("inbox"), os.path.join(r.dir, "away"))
        wait(lambda: "inbox missing" in open(r.log).read(), what="word of the missing inbox")
        os.mkdir(r.path("inbox"))
        wait(lambda: "inbox back" in open(r.log).read(), what="word of the new inbox")
        r.drop("a.json", products(1))
        r.ended()
        shutil.rmtree(r.path("inbox"))
        other = os.path.join(r.dir, "other")
        os.mkdir(other)
        for i in range(3):
            shutil.copy(r.write("b%d.json" % i, products(1, "other%d" % i)), other)
        os.rename(other, r.path("inbox"))
        wait(lambda: os.path.exists(r.path("NEEDS-YOU.md")) and "STOP" in open(r.path("NEEDS-YOU.md")).read(), what="the stop")
        time.sleep(1)
        assert len(r.status()) == 1 and len(r.inbox()) == 3
        assert r.cli("resume").returncode == 0
        r.ended(4)


def test_a_reference_photo_that_cannot_be_had_does_not_stop_the_set():
    with Root() as r:
        wish = products(1)
        wish["products"][0]["image_url"] = "http://photos.invalid/lamp.jpg"
        r.drop("p.json", wish)
        done = r.once()
        assert done.returncode == 2, done.stderr
        state = jobs_by_state(r, r.status()[0]["drop"])
        assert any("ref" in k for k in state["failed"]), state
        assert "01_hero" in state["done"] and "thumbnail" in state["done"], state
        assert any("faithful" in k for k in state["skipped"]), state


class Photo(http.server.BaseHTTPRequestHandler):
    """A shop's picture server."""
    photo = b""

    def log_message(self, *args):
        pass

    def do_GET(self):
        self.send_response(200)
        self.send_header("Content-Type", "image/jpeg")
        self.end_headers()
        self.wfile.write(self.photo)


def serve_photo():
    refs = os.path.join(SAMPLES, "desk-lamps", "refs")
    Photo.photo = open(os.path.join(refs, sorted(os.listdir(refs))[0]), "rb").read()
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Photo)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    return server, "http://127.0.0.1:%d/lamp.jpg" % server.server_port


def test_a_reference_photo_by_address_is_fetched_checked_and_used():
    server, url = serve_photo()
    wish = products(1)
    wish["products"][0]["image_url"] = url
    with Root(policy={"intake": {"private_urls": True}}) as r:
        r.drop("p.json", wish)
        done = r.once()
        assert done.returncode == 0, done.stderr
        ref = [p for p in r.tree() if p.endswith("01_ref.jpg")]
        assert ref and open(r.path("out", ref[0]), "rb").read(3) == b"\xff\xd8\xff", ref
        assert any(p.endswith("01_faithful.webp") for p in r.tree())
        Photo.photo = b"<html>not a picture</html>"
        again = products(1, "v2")
        again["products"][0]["image_url"] = url
        r.drop("q.json", again)
        assert r.once().returncode == 2
        state = jobs_by_state(r, r.status()[0]["drop"])
        assert state["failed"] == ["01_ref"] and "01_hero" in state["done"], state
    with Root() as r:
        r.drop("p.json", wish)
        assert r.once().returncode == 2 and "URL_FORBIDDEN" in r.why("p.json"), r.why("p.json")
    server.shutdown()


def test_pages_and_receipts_carry_no_path_of_this_machine():
    with Root() as r:
        r.drop("p.json", products(1))
        assert r.once().returncode == 0
        for path in r.tree():
            if path.endswith((".json", ".html", ".txt")):
                assert r.dir not in open(r.path("out", path)).read(), path
        assert r.dir not in open(r.path("taken", r.status()[0]["drop"], "report.html")).read()


def test_two_runs_make_the_same_bytes():
    def run():
        with Root(env={"SLATED_CLOCK": HELD_CLOCK}) as r:
            r.drop("p.json", products(2))
            r.drop("b.json", board())
            assert r.once().returncode == 0
            return r.tree()
    assert run() == run()


def test_an_export_is_whole_and_the_same_every_time():
    with Root() as r:
        r.drop("p.json", products(1))
        assert r.once().returncode == 0
        drop = r.status()[0]["drop"]
        first = json.loads(r.cli("export", drop, "--json").stdout)
        assert r.cli("export", drop).returncode == 1, "an export was overwritten"
        other = os.path.join(r.dir, "other.zip")
        second = json.loads(r.cli("export", drop, "--to", other, "--json").stdout)
        assert first["sha256"] == second["sha256"] and first["files"] == second["files"]
        with zipfile.ZipFile(other) as z:
            assert z.testzip() is None
            names = z.namelist()
            assert names == sorted(names) and all(n.startswith(drop + "/") for n in names)
            for job in r.jobs(drop)["list"]:
                for file in job["files"]:
                    assert z.read(drop + "/" + file["path"]) == open(r.path("out", file["path"]), "rb").read()
        assert r.cli("export", "nobody").returncode == 1


def test_help_man_and_completion_know_every_command():
    told = subprocess.run([SLATED, "help"], capture_output=True, text=True, check=True).stdout
    words = [line.split()[0] for line in told.split("Commands:\n")[1].split("\n\n")[0].splitlines() if line.startswith("  ") and line[2] != " "]
    assert len(words) > 25 and "run" in words and "backup" in words, words
    for args in (["help"], ["help", "man"], ["completion", "bash"], ["completion", "zsh"]):
        text = subprocess.run([SLATED] + args, capture_output=True, text=True, check=True).stdout
        assert all(w in text for w in words), args
    for word in words:
        assert "Options" in subprocess.run([SLATED, "help", word], capture_output=True, text=True, check=True).stdout
    wrong = subprocess.run([SLATED, "statsu"], capture_output=True, text=True)
    assert wrong.returncode == 1 and "did you mean status" in wrong.stderr
    assert subprocess.run([SLATED, "status", "--jsn"], capture_output=True).returncode == 1
    script = subprocess.run([SLATED, "completion", "bash"], capture_output=True, text=True).stdout
    def offered(*typed):
        ask = "%s\nCOMP_WORDS=(slated %s)\nCOMP_CWORD=%d\n_slated\necho ${COMPREPLY[@]}" % (script, " ".join(typed or ("''",)), len(typed))
        return subprocess.run(["bash", "-c", ask], capture_output=True, text=True, check=True).stdout.split()
    assert offered("bac") == ["backup"]
    for command, firsts in (("sop", ["list", "check", "run"]), ("browser", ["doctor"]), ("rules", ["check"]), ("notify", ["test"]),
                            ("providers", ["test", "stop"]), ("spend", ["add"]), ("completion", ["bash", "zsh"])):
        assert offered(command, "''") == firsts, (command, offered(command, "''"))
        assert "--root" in offered(command, "--")
    assert "--step" in offered("sop", "run", "thumbnail", "--s")
    assert "--slow[=MS]" in subprocess.run([SLATED, "help", "sop"], capture_output=True, text=True, check=True).stdout


def test_doctor_says_what_is_wrong_and_the_cure():
    with Root() as r:
        well = r.cli("doctor")
        assert "BAD  ffmpeg" not in well.stdout and "ok   rules" in well.stdout, well.stdout
        r.env["SLATED_FFMPEG"] = "/nonexistent/ffmpeg"
        sick = r.cli("doctor")
        assert sick.returncode == 2 and "install ffmpeg" in sick.stdout, sick.stdout


if __name__ == "__main__":
    main([f for name, f in sorted(globals().items()) if name.startswith("test_")])
