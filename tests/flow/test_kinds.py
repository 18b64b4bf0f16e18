#!/usr/bin/env python3
"""Storyboards and combos in the forms that studios have them in: scenes, lying boards, single combos, zips, requests for more."""
import json
import os
import shutil
import struct
import zipfile

from harness import SAMPLES, Root, main, wait

WARDROBE = os.path.join(SAMPLES, "Hoodie_combo")


def put(r, source, name=None):
    name = name or os.path.basename(source)
    staged = os.path.join(r.stage, name)
    (shutil.copytree if os.path.isdir(source) else shutil.copy)(source, staged)
    os.rename(staged, r.path("inbox", name))


def pictures(r, top):
    return sorted(os.path.relpath(os.path.join(d, f), r.path("out", top)) for d, _, files in os.walk(r.path("out", top))
                  for f in files if f.endswith(".png"))


def size(path):
    with open(path, "rb") as f:
        return struct.unpack(">II", f.read(24)[16:24])


def places(names):
    """Names without the time they begin with."""
    return sorted(os.path.join(os.path.dirname(n), os.path.basename(n)[20:]) for n in names)


def test_a_zip_of_a_wardrobe_makes_what_the_folder_makes():
    with Root() as folder, Root() as packed:
        put(folder, WARDROBE)
        assert folder.once().returncode == 0
        archive = os.path.join(packed.stage, "autumn.zip")
        with zipfile.ZipFile(archive, "w") as z:
            for d, _, files in os.walk(WARDROBE):
                for f in files:
                    z.write(os.path.join(d, f), os.path.relpath(os.path.join(d, f), SAMPLES))
        os.rename(archive, packed.path("inbox", "autumn.zip"))
        done = packed.once()
        assert done.returncode == 0, done.stdout + done.stderr
        made = places(pictures(folder, "Result_images"))
        assert len(made) == 6 and places(pictures(packed, "Result_images")) == made


def test_a_zip_that_lacks_a_file_is_read_anew_when_a_better_one_takes_its_place():
    lamp = {"niche": "desk lamps", "products": [{"rank": 1, "name": "Lamp", "reference_image": "lamp.jpg"}]}
    with open(os.path.join(WARDROBE, "Orange_UI_Combos", "C-U-011", "pose_mcu.jpg"), "rb") as f:
        picture = f.read()

    def pack(r, whole):
        path = os.path.join(r.stage, "lamps.zip")
        with zipfile.ZipFile(path, "w") as z:
            z.writestr("lamps/products.json", json.dumps(lamp))
            if whole:
                z.writestr("lamps/lamp.jpg", picture)
        os.rename(path, r.path("inbox", "lamps.zip"))

    with Root(policy={"intake": {"wait_missing_s": 600}}) as r:
        r.start()
        pack(r, False)
        wait(lambda: "Waiting for" in r.receipt("lamps.zip"), what="what is waited for")
        pack(r, True)
        r.ended()
        assert r.status()[0]["state"] == "ended", r.status()


def test_one_combo_takes_the_catalog_that_lies_beside_it():
    with Root() as r:
        put(r, os.path.join(WARDROBE, "catalog_v1.0"))
        put(r, os.path.join(WARDROBE, "Studio_UI_Combos", "C-U-001"))
        done = r.once()
        assert done.returncode == 0, done.stdout + done.stderr
        assert not r.inbox()
        made = pictures(r, "Result_images")
        assert places(made)[1] == "zip-hoodie/v1.0/ZH01_first_frost/Studio/C-U-001/ZH01-1K.png", made
        assert len(made) == 3


def test_a_request_makes_one_pair_larger_from_a_taken_drop():
    with Root() as r:
        put(r, WARDROBE)
        assert r.once().returncode == 0
        drop = r.status()[0]["drop"]
        r.drop("larger.json", {"folder": drop, "quality": "2K", "only": [{"combo": "C-U-011", "prompt": "ZH02"}]})
        done = r.once()
        assert done.returncode == 0, done.stdout + done.stderr
        larger = [n for n in pictures(r, "Result_images") if n.endswith("-2K.png")]
        assert places(larger) == ["zip-hoodie/v1.0/ZH02_night_bus/Orange/C-U-011/ZH02-2K.png"], larger
        assert size(r.path("out", "Result_images", larger[0])) == (2048, 2048)
        assert len(pictures(r, "Result_images")) == 7


def test_the_session_log_tells_every_job_and_its_sums():
    with Root() as r:
        put(r, WARDROBE)
        assert r.once().returncode == 0
        folder = r.path("out", "Result_images", ".sessions")
        logs = sorted(n for n in os.listdir(folder) if n.endswith("-session.json"))
        log = json.load(open(os.path.join(folder, logs[0])))
        assert list(log) == ["session_id", "started", "config", "jobs", "summary"], list(log)
        assert log["summary"] == {"total": 6, "completed": 6, "failed": 0, "pending": 0}
        assert [j["id"] for j in log["jobs"]] == ["00%d" % n for n in range(1, 7)]
        for job in log["jobs"]:
            assert job["status"] == "completed" and job["attempts"] == 1 and job["error"] is None, job
            assert os.path.exists(r.path("out", "Result_images", job["output"])), job


def test_two_wardrobes_dropped_together_keep_a_log_each():
    with Root() as r:
        put(r, WARDROBE)
        put(r, WARDROBE, "hoodie_combo_b")
        done = r.once()
        logs = [n for n in os.listdir(r.path("out", "Result_images", ".sessions")) if n.endswith("-session.json") and "hoodie" in n]
        assert len(logs) == 2, (logs, done.stdout + done.stderr)


def lying_board():
    shot = {"shot_type": "medium", "characters_in_shot": ["IDA"], "duration_s": 1}
    return {"schema_version": "3.1", "project": "pier", "project_code": "PIE", "episode": 4, "aspect_ratio": "16:9",
            "scenes": [{"id": "SC1", "heading": "EXT. PIER", "location": "pier", "time_of_day": "night", "shots": [
                {**shot, "shot_id": "SH01", "generation_approach": "triptych_split_flf", "hero_frame": "Ida turns.",
                 "triptych_prompt": "Triptych of Ida on a pier.", "asset_name": "PIE_EP004_S01_T01_IDA"}]},
                {"id": "SC2", "shots": [
                    {**shot, "shot_id": "SH02", "generation_approach": "held_frame", "first_frame": {"prompt": "Ida, gone."},
                     "asset_name": "PIE_EP004_S02_T01_IDA"}]}]}


def test_a_lying_board_in_scenes_has_lying_frames():
    with Root() as r:
        r.drop("board.json", lying_board())
        done = r.once()
        assert done.returncode == 0, done.stdout + done.stderr
        top = r.path("out", "projects", "pier", "storyboards")
        sizes = {n: size(os.path.join(top, n)) for n in pictures(r, "projects/pier/storyboards")}
        want = {"previz/PIE_EP004_S01_T01_IDA_previz.png": (896, 512), "assets/ep_004/PIE_EP004_S01_T01_IDA_strip.png": (2736, 512),
                "assets/ep_004/PIE_EP004_S01_T01_IDA_hero_raw.png": (892, 488),
                "assets/ep_004/PIE_EP004_S01_T01_IDA_last.png": (1344, 768),
                "assets/ep_004/PIE_EP004_S02_T01_IDA_first.png": (1344, 768)}
        for name, expected in want.items():
            assert sizes.get(name) == expected, (name, sizes)
        manifest = json.load(open(os.path.join(top, "assets", "ep_004", "assets_manifest.json")))
        clips = {f["shot_id"]: f["preview"] for f in manifest["files"] if f["role"] == "clip" and f["shot_id"]}
        assert clips == {"SH01": True, "SH02": False}, clips
        for name in ("storyboard_ep_004.json", "shotlist_ep_004.json", "dailies_ep_004.json", "ep_004_contact_sheet.png",
                     "assets/ep_004/ep_004_animatic.mp4", "previz/previz_manifest.json", "previz/previz_review.html"):
            assert os.path.getsize(os.path.join(top, name)) > 50, name


if __name__ == "__main__":
    main([v for k, v in sorted(globals().items()) if k.startswith("test_")])
