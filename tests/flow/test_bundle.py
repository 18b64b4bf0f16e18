#!/usr/bin/env python3
"""Handwork, seen from outside: a shot is escalated by command or by a file, its bundle goes out whole, the same bytes for the same
content, opens everywhere, survives a kill at any instant, and a note makes one shot again."""
# SPDX-License-Identifier: ISC
import hashlib
import json
import os
import random
import re
import shutil
import struct
import subprocess
import time
import zipfile
import zlib

from harness import HELD_CLOCK, Root, main, wait


def shot(number, **more):
    return dict({"shot_id": "SH%02d" % number, "shot_type": "wide", "characters_in_shot": ["NELL"], "duration_s": 0.5,
                 "environment": "stone harbour at dusk", "script_text": "Nell coils the line.",
                 "camera": {"placement": "from the wall", "movement": "slow push in"},
                 "lighting": {"key": "warm lamp from the right"},
                 "generation_approach": "held_frame_static", "first_frame": {"prompt": "A harbour at dusk, number %d." % number},
                 "asset_name": "BWT_EP001_S%02d_T01_NELL" % number, "seed": number}, **more)


def board(shots, **more):
    return dict({"schema_version": "3", "project": "bellwater", "project_code": "BWT", "episode": 1, "title": "Bellwater",
                 "aspect_ratio": "9:16", "characters": {"NELL": {"description": "harbour pilot, fifties, grey plait"}},
                 "shots": shots}, **more)


def png(width, height, extra=b""):
    def chunk(kind, data):
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))
    rows = b"".join(b"\0" + bytes((x * 7 + y * 3) % 256 for x in range(width * 3)) for y in range(height))
    return (b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)) + extra +
            chunk(b"IDAT", zlib.compress(rows)) + chunk(b"IEND", b""))


def sha(path):
    return hashlib.sha256(open(path, "rb").read()).hexdigest()


def made(root, doc=None, name="h.json"):
    root.write(name, doc or board([shot(1), shot(2)]), "inbox")
    run = root.once()
    assert run.returncode in (0, 2), run.stdout + run.stderr
    return root


def bundle_dir(root, name):
    return root.path("manual_export", name)


def text(root, bundle, name):
    return open(os.path.join(bundle_dir(root, bundle), name), encoding="utf-8").read()


def record(root, bundle):
    return json.loads(text(root, bundle, "bundle.json"))


def check_whole(root, name):
    """Every file that bundle.json names is there with its digest, and none else."""
    folder = bundle_dir(root, name)
    doc = record(root, name)
    for f in doc["files"]:
        assert sha(os.path.join(folder, f["path"])) == f["sha256"], f
    there = sorted(os.path.relpath(os.path.join(d, f), folder) for d, _, files in os.walk(folder) for f in files)
    assert there == sorted([f["path"] for f in doc["files"]] + ["bundle.json"]), there
    assert os.path.isdir(os.path.join(folder, "return"))
    return doc


def test_an_escalated_shot_goes_out_with_all_a_person_needs():
    with Root() as root:
        made(root)
        said = root.cli("escalate", "EP001_SH02", "--tag", "motion", "--note", "slower hands, no gulls")
        assert said.returncode == 0, said.stderr
        said = root.cli("bundle", "EP001_SH02")
        assert said.returncode == 0 and "manual_export/EP001_SH02_kling_3.0" in said.stdout, said
        doc = check_whole(root, "EP001_SH02_kling_3.0")
        assert doc["token"].startswith("slb1-") and doc["failure_type"] == "motion", doc
        prompt = text(root, "EP001_SH02_kling_3.0", "prompt.txt")
        for part in ("harbour at dusk", "grey plait", "coils the line", "push in", "warm lamp"):
            assert part.lower() in prompt.lower(), prompt
        steps = text(root, "EP001_SH02_kling_3.0", "instructions.txt")
        assert "motion brush" in steps and "slower hands, no gulls" in steps and "start_frame.png" in steps, steps
        assert all(len(line) <= 72 for line in steps.split("\n")), steps
        dailies = [os.path.join(d, f) for d, _, fs in os.walk(root.path("out")) for f in fs if f == "dailies_ep_001.json"][0]
        root.once()
        gate = json.load(open(dailies))["shots"]["BWT_EP001_S02_T01_NELL"]["gate_results"]
        assert gate["manual_escalated"] is True and gate["manual_exports"][0]["bundle"] == "EP001_SH02_kling_3.0", gate
        assert json.load(open(dailies))["shots"]["BWT_EP001_S01_T01_NELL"]["gate_results"] == {}
        status = open(root.path("manual_export", "STATUS.md")).read()
        assert "EP001_SH02_kling_3.0" in status.split("## Back")[0], status


def test_a_picture_goes_out_with_its_own_pixels_and_the_mark():
    with Root() as root:
        made(root)
        assert root.cli("bundle", "EP001_SH01", "--model", "still-editor").returncode == 0
        token = record(root, "EP001_SH01_still")["token"].encode()
        path = os.path.join(bundle_dir(root, "EP001_SH01_still"), "start_frame.png")
        out = open(path, "rb").read()
        assert b"tEXtslated-bundle\0" + token in out
        home = [os.path.join(d, f) for d, _, fs in os.walk(root.path("out")) for f in fs if f == "BWT_EP001_S01_T01_NELL_first.png"][0]
        ours = open(home, "rb").read()
        def pixels(data):
            return [data[m.start():] for m in [re.search(b"IDAT", data)]][0].split(b"IEND")[0]
        assert pixels(out) == pixels(ours)


def test_every_target_has_its_bundle_and_an_unknown_one_is_named():
    with Root() as root:
        made(root)
        for model, name in (("veo-3.1", "veo_3.1"), ("SeedDance 2.0", "seeddance_2.0"), ("sora_2", "sora_2"),
                            ("still-model", "image")):
            said = root.cli("bundle", "EP001_SH01", "--model", model)
            assert said.returncode == 0, said.stderr
            check_whole(root, "EP001_SH01_" + name)
        assert not os.path.exists(os.path.join(bundle_dir(root, "EP001_SH01_veo_3.1"), "negative.txt"))
        said = root.cli("bundle", "EP001_SH01", "--model", "kling-v4")
        assert said.returncode == 1 and "did you mean kling-v3" in said.stderr, said
        said = root.cli("escalate", "EP001_SH09")
        assert said.returncode == 1 and "did you mean EP001_SH0" in said.stderr, said
        said = root.cli("escalate", "EP001_SH01", "--tag", "ugly")
        assert said.returncode == 1 and "safety_filter" in said.stderr, said


def test_the_same_content_is_the_same_bundle_and_its_zip_the_same_bytes():
    with Root(env={"SLATED_CLOCK": HELD_CLOCK}) as root:
        made(root)
        assert root.cli("bundle", "EP001_SH01", "--zip").returncode == 0
        zip_path = root.path("manual_export", "EP001_SH01_kling_3.0.zip")
        first, token = sha(zip_path), record(root, "EP001_SH01_kling_3.0")["token"]
        os.unlink(zip_path)
        said = root.cli("bundle", "EP001_SH01", "--zip")
        assert "unchanged" in said.stdout and sha(zip_path) == first, said
        shutil.rmtree(bundle_dir(root, "EP001_SH01_kling_3.0"))  # somebody tidied up: it is the same one again
        os.unlink(zip_path)
        assert root.cli("bundle", "EP001_SH01", "--zip").returncode == 0
        assert sha(zip_path) == first and record(root, "EP001_SH01_kling_3.0")["token"] == token
        assert root.cli("escalate", "EP001_SH01", "--note", "other words").returncode == 0
        assert "EP001_SH01_kling_3.0_v2" in root.cli("bundle", "EP001_SH01").stdout
        assert record(root, "EP001_SH01_kling_3.0_v2")["token"] != token
        check_whole(root, "EP001_SH01_kling_3.0")
        with Root(env={"SLATED_CLOCK": HELD_CLOCK}) as other:
            made(other)
            assert other.cli("bundle", "EP001_SH01", "--zip").returncode == 0
            assert sha(other.path("manual_export", "EP001_SH01_kling_3.0.zip")) == first


def test_many_go_out_together_and_one_that_cannot_keeps_none_back():
    with Root() as root:
        made(root, board([shot(1), shot(2), shot(3)]))
        said = root.cli("bundle", "EP001", "--json", "--zip")
        told = json.loads(said.stdout)
        assert [b["unit"] for b in told] == ["EP001_SH01", "EP001_SH02", "EP001_SH03"] and {b["model"] for b in told} == {"kling-v3"}
        assert all(zipfile.is_zipfile(root.path("manual_export", b["bundle"] + ".zip")) for b in told)
        again = json.loads(root.cli("bundle", "EP001", "--json").stdout)
        assert {b["state"] for b in again} == {"out already, unchanged"}, again
        for dir_, _, names in os.walk(root.path("out")):
            for name in names:
                if name == "BWT_EP001_S02_T01_NELL_first.png":
                    open(os.path.join(dir_, name), "wb").write(b"torn")
        root.cli("escalate", "EP001_SH01", "--model", "veo-3.1")
        root.cli("escalate", "EP001_SH02", "--model", "still-editor")
        root.cli("escalate", "EP001_SH03", "--model", "veo-3.1")
        lines = root.cli("bundle", "--outstanding").stdout.split("\n")
        names = [line for line in lines if line.startswith("manual_export/")]
        assert [n.split("_SH0")[1] for n in names] == ["1_veo_3.1", "3_veo_3.1", "2_still"], lines
        check_whole(root, "EP001_SH03_veo_3.1")
        assert not os.path.exists(bundle_dir(root, "EP001_SH02_still"))
        why = open(root.path("manual_export", "EP001_SH02_still.WHY.txt")).read()
        assert "start_frame.png" in why and "slated bundle EP001_SH02" in why, why
        said = root.cli("bundle", "EP001_SH01", "EP009")
        assert said.returncode == 1 and "EP009" in said.stderr, said


def test_what_is_out_for_too_long_is_said():
    with Root(env={"SLATED_CLOCK": HELD_CLOCK}) as root:
        made(root)
        assert root.cli("bundle", "EP001_SH01").returncode == 0
        assert "overdue" not in open(root.path("manual_export", "STATUS.md")).read()
        root.env["SLATED_CLOCK"] = "@%d" % (int(HELD_CLOCK[1:]) + 40 * 86400)
        assert root.once().returncode == 2
        assert "EP001_SH01_kling_3.0 (overdue)" in open(root.path("manual_export", "STATUS.md")).read()
        assert "overdue: EP001_SH01" in root.needs() and "40 days" in root.needs(), root.needs()


def test_a_zip_opens_with_what_people_have():
    with Root() as root:
        doc = {"products": [{"rank": 1, "name": "Café Läufer 茶", "reference_image": "refs/photo.png"}], "niche": "tea"}
        os.makedirs(root.path("stage_drop", "refs"))
        place = b"GPS PLACE 51N"
        raw = struct.pack(">I", len(place)) + b"eXIf" + place + struct.pack(">I", zlib.crc32(b"eXIf" + place))
        open(root.path("stage_drop", "refs", "photo.png"), "wb").write(png(640, 480, raw))
        json.dump(doc, open(root.path("stage_drop", "products.json"), "w"))
        os.rename(root.path("stage_drop"), root.path("inbox", "Café Läufer"))
        run = root.once()
        assert run.returncode == 0, run.stdout + run.stderr
        said = root.cli("bundle", "01_hero", "--zip")
        assert said.returncode == 0, said.stderr
        name = said.stdout.split("/")[1].strip().split(".zip")[0]
        check_whole(root, name)
        zip_path = root.path("manual_export", name + ".zip")
        with zipfile.ZipFile(zip_path) as z:
            assert z.testzip() is None
            names = z.namelist()
            assert name + "/return/" in names and name + "/prompt.txt" in names, names
            assert all(n.startswith(name + "/") and ".." not in n for n in names), names
            refs = [n for n in names if "/refs/01_" in n]
            assert len(refs) == 1 and place not in z.read(refs[0]), names
            assert "Café Läufer 茶" in z.read(name + "/prompt.txt").decode("utf-8")
        for tool in (["unzip", "-tq", zip_path], ["7z", "t", zip_path], ["bsdtar", "-tf", zip_path]):
            if shutil.which(tool[0]):
                assert subprocess.run(tool, capture_output=True).returncode == 0, tool


def test_a_file_named_after_a_shot_escalates_it_and_is_no_drop():
    with Root() as root:
        made(root)
        root.start()
        root.write("EP001_SH01.txt", "the lamp flickers\n", "inbox/escalate")
        root.write("EP001-SH02 motion.txt", "", "inbox/escalate")
        wait(lambda: not [n for n in os.listdir(root.path("inbox", "escalate")) if not n.endswith(".slated.txt")],
             what="the files to be read")
        root.write("EP009_SH77.txt", "", "inbox/escalate")
        wait(lambda: os.path.exists(root.path("inbox", "escalate", "EP009_SH77.txt.slated.txt")), what="an answer")
        assert os.path.exists(root.path("inbox", "escalate", "EP009_SH77.txt"))
        wait(lambda: "EP001_SH02" in root.needs(), what="NEEDS-YOU.md")
        said = root.cli("bundle", "--outstanding")
        assert said.returncode == 0 and "EP001_SH01_kling_3.0" in said.stdout and "EP001_SH02_kling_3.0" in said.stdout, said
        wait(lambda: os.path.exists(bundle_dir(root, "EP001_SH01_kling_3.0")) and
             os.path.exists(bundle_dir(root, "EP001_SH02_kling_3.0")), what="both bundles")
        assert record(root, "EP001_SH01_kling_3.0")["note"] == "the lamp flickers"
        assert record(root, "EP001_SH02_kling_3.0")["failure_type"] == "motion"
        assert len(root.status()) == 1, "a note became a drop"


def test_a_picture_moved_to_escalate_is_put_back():
    with Root() as root:
        made(root)
        home = [os.path.join(d, f) for d, _, fs in os.walk(root.path("out")) for f in fs if f == "BWT_EP001_S01_T01_NELL_first.png"][0]
        digest = sha(home)
        root.start()
        os.rename(home, root.path("inbox", "escalate", os.path.basename(home)))
        wait(lambda: os.path.exists(home), what="the picture at home")
        assert sha(home) == digest
        wait(lambda: "EP001_SH01" in root.needs(), what="NEEDS-YOU.md")


def test_a_note_makes_that_shot_again_and_no_other():
    with Root() as root:
        made(root)
        drop = root.status()[0]["drop"]
        before = {j["job"]: [f["sha256"] for f in j["files"]] for j in root.jobs(drop)["list"]}
        root.start()
        root.write("EP001_SH01.txt", "darker, less fog", "inbox/notes")
        wait(lambda: not os.path.exists(root.path("inbox", "notes", "EP001_SH01.txt")), what="the note to be read")
        wait(lambda: root.status()[0]["state"] == "ended" and
             [j for j in root.jobs(drop)["list"] if j["job"] == "SH01.clip"][0]["files"][-1]["version"] == 2, what="the new version")
        after = {j["job"]: j for j in root.jobs(drop)["list"]}
        assert max(f["version"] for f in after["SH01.first"]["files"]) == 2, after["SH01.first"]
        assert [f["sha256"] for f in after["SH02.first"]["files"]] == before["SH02.first"]
        path = root.path("out", max(after["SH01.first"]["files"], key=lambda f: f["version"])["path"])
        assert "darker, less fog" in open(os.path.splitext(path)[0] + ".prompt.txt").read()
        learned = json.loads(root.cli("learn", "--json").stdout)
        assert learned["cases"] == 1 and learned["fixes"][0]["name"] == "prompt_edit", learned
        assert "No advice" in root.cli("learn").stdout
        page = [os.path.join(d, "learn.html") for d, _, fs in os.walk(root.path("out")) if "learn.html" in fs]
        assert page and "prompt_edit" in open(page[0]).read()
        report = open(root.path("taken", drop, "report.html")).read()
        assert "By hand" in report and "learn.html" in report


def manual_rules(root):
    path = os.path.join(root.rules, "models", "routing.json")
    person, local = [{"engine": "manual", "model": "a person"}], [{"engine": "local", "model": "embedded"}]
    json.dump({"about": "A person makes heroes and keyframes", "use": "hand", "profiles": {"hand": {"types": {
        "product": {"hero": person, "*": local}, "keyframe": {"*": person}, "*": {"*": local}}}}}, open(path, "w"))


def test_what_hangs_on_a_person_follows_when_the_file_comes_back():
    with Root() as root:
        manual_rules(root)
        root.start()
        root.write("h.json", board([shot(1)]), "inbox")
        wait(lambda: os.path.exists(os.path.join(bundle_dir(root, "EP001_SH01_image"), "bundle.json")), what="the bundle")
        wait(lambda: root.status() and root.status()[0]["state"] == "ended", what="the end of what could be made")
        drop = root.status()[0]["drop"]
        states = {j["job"]: j["state"] for j in root.jobs(drop)["list"]}
        assert states["SH01.first"] == "needs_person" and states["SH01.clip"] == "skipped", states
        assert not [n for n in os.listdir(bundle_dir(root, "EP001_SH01_image")) if "frame" in n]
        picture = png(768, 1344)
        with open(os.path.join(bundle_dir(root, "EP001_SH01_image"), "return", "download (3).png"), "wb") as f:
            time.sleep(1)  # a browser makes the file first and fills it later
            f.write(picture)
        wait(lambda: {j["job"]: j["state"] for j in root.jobs(drop)["list"]}["SH01.clip"] == "done", what="the clip")
        first = [j for j in root.jobs(drop)["list"] if j["job"] == "SH01.first"][0]
        assert first["state"] == "done" and os.path.exists(root.path("out", first["files"][-1]["path"])), first
        wait(lambda: "EP001_SH01_image" in open(root.path("manual_export", "STATUS.md")).read().split("## Back")[1], what="STATUS.md")


def test_a_job_for_a_person_offers_its_bundle_by_itself():
    with Root() as root:
        manual_rules(root)
        root.drop("products.json", {"products": [{"rank": 1, "name": "Lamp"}], "niche": "lamps"})
        run = root.once()
        assert run.returncode == 2, run.stdout + run.stderr
        doc = check_whole(root, "01_hero_image")
        assert doc["job"] == "01_hero" and doc["expects"][0]["role"] == "picture", doc
        assert "by hand: Lamp, hero" in root.needs() and "return/" in root.needs(), root.needs()
        jobs = {j["job"]: j["state"] for j in root.jobs(root.status()[0]["drop"])["list"]}
        assert jobs["01_hero"] == "needs_person" and jobs["thumbnail"] == "done", jobs
        before = sha(os.path.join(bundle_dir(root, "01_hero_image"), "bundle.json"))
        root.once()
        assert sha(os.path.join(bundle_dir(root, "01_hero_image"), "bundle.json")) == before
        assert sorted(os.listdir(root.path("manual_export"))) == ["01_hero_image", "STATUS.md"]


def test_a_kill_at_any_instant_leaves_a_wish_or_the_whole_bundle():
    with Root() as root:
        made(root)
        dice = random.Random(7)
        for turn in range(12):
            root.start()
            root.cli("escalate", "EP001_SH01", "--note", "wish number %d" % turn)
            ask = subprocess.Popen(root.args("bundle", "EP001_SH01", "--zip"), env=root.env, stdout=subprocess.DEVNULL,
                                   stderr=subprocess.DEVNULL)
            time.sleep(dice.random() * 0.12)
            root.kill()
            ask.kill()
            ask.wait()
            for name in os.listdir(root.path("manual_export")):
                if os.path.isdir(bundle_dir(root, name)):
                    check_whole(root, name)
        root.once()
        names = [n for n in os.listdir(root.path("manual_export")) if os.path.isdir(bundle_dir(root, n))]
        assert names, "not one of the wishes was carried out"
        tokens = [check_whole(root, n)["token"] for n in names]
        assert len(set(tokens)) == len(tokens)
        status = open(root.path("manual_export", "STATUS.md")).read()
        out = re.findall(r"^- (\S+?),", status.split("## Back")[0], re.M)
        assert sorted(out) == sorted(names), (out, names)
        assert not [n for n in os.listdir(root.path(".slated", "staging"))], "something was left in staging"


if __name__ == "__main__":
    main([v for k, v in sorted(globals().items()) if k.startswith("test_")])
