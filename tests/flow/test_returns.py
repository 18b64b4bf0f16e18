#!/usr/bin/env python3
"""The manual loop: shots go out as bundles, what comes back finds its own shot, and what a person decides by moving files holds."""
import hashlib
import json
import os
import random
import shutil
import struct
import subprocess
import time
import zipfile
import zlib

from harness import SAMPLES, Root, main, products, wait

TREE = "projects/bellwater/storyboards"
FRAMES = TREE + "/assets/ep_001"


def board(shots=(1, 3, 4)):
    doc = json.load(open(os.path.join(SAMPLES, "harbor_ep_001.json")))
    key = "shots" if "shots" in doc else next(k for k, v in doc.items() if isinstance(v, list))
    doc[key] = [s for i, s in enumerate(doc[key], 1) if i in shots]
    return json.dumps(doc)


def ready(r, shots=(1, 3, 4)):
    """A daemon with a finished board."""
    r.drop("board.json", board(shots))
    r.start()
    r.ended()
    wait(lambda: len(os.listdir(r.path("out", TREE, "dailies", "needs_review"))) == len(shots), 20, "the entries of the dailies")
    return r


def frame(r, shot):
    return next(os.path.join(r.path("out", FRAMES), n) for n in os.listdir(r.path("out", FRAMES))
                if "_S%02d_" % shot in n and n.endswith("_first.png"))


def edit(source, to, how="drawbox=x=60:y=80:w=150:h=170:color=red:t=fill"):
    subprocess.run(["ffmpeg", "-v", "error", "-y", "-i", source, "-vf", how, "-frames:v", "1", "-update", "1", to], check=True)
    return to


def sha(path):
    return hashlib.sha256(open(path, "rb").read()).hexdigest()


def log(r):
    return r.text_of("return", "RETURNS.txt")


def lies(r, *parts):
    return sorted(os.path.relpath(os.path.join(d, f), r.path(*parts)) for d, _, files in os.walk(r.path(*parts)) for f in files)


def give(r, path, *where):
    """Moved in whole, as a browser or a file manager does."""
    to = r.path(*where, os.path.basename(path))
    os.rename(path, to)
    return to


def settled(r, name, seconds=30):
    wait(lambda: name in log(r), seconds, lambda: "a word about %s in:\n%s" % (name, log(r)))
    return next(line for line in log(r).splitlines() if name in line)


def test_a_shot_goes_out_and_comes_back_until_it_is_resolved():
    with Root() as r:
        ready(r)
        open(r.path("inbox", "escalate", "EP001_SH03_motion.txt"), "w").write("less fog\n")
        wait(lambda: "needs a hand: motion" in r.cli("status", "EP001").stdout, 20, "the escalation")
        wait(lambda: os.path.exists(r.path("NEEDS-YOU.md")) and "less fog" in open(r.path("NEEDS-YOU.md")).read(), 20, "NEEDS-YOU.md")
        said = r.cli("bundle", "--outstanding", "--zip").stdout
        assert "manual_export/EP001_SH03_kling_3.0" in said, said
        top = r.path("manual_export", "EP001_SH03_kling_3.0")
        wait(lambda: os.path.exists(top + ".zip"), 20, "the zip")
        assert lies(r, "manual_export", "EP001_SH03_kling_3.0") == ["bundle.json", "instructions.txt", "negative.txt", "prompt.txt",
                                                                    "start_frame.png"]
        assert "motion brush" in open(os.path.join(top, "instructions.txt")).read()
        assert max(len(line) for line in open(os.path.join(top, "instructions.txt")).read().splitlines()) <= 72
        record = json.load(open(os.path.join(top, "bundle.json")))
        assert record["token"].encode() in open(os.path.join(top, "start_frame.png"), "rb").read()
        with zipfile.ZipFile(top + ".zip") as z:
            assert z.testzip() is None and "EP001_SH03_kling_3.0/bundle.json" in z.namelist()
        first = frame(r, 3)
        before = sha(first)
        give(r, edit(os.path.join(top, "start_frame.png"), os.path.join(r.stage, "image-2_upscaled.png")), "return")
        line = settled(r, "image-2_upscaled.png")
        assert "placed" in line and "EP001_SH03" in line and "motion" in line, line
        assert sha(first) != before
        assert before in [sha(os.path.join(r.path("out", FRAMES, ".versions"), n))
                          for n in os.listdir(r.path("out", FRAMES, ".versions"))]
        wait(lambda: "needs a hand" not in r.cli("status", "EP001_SH03").stdout, 10, "the flag to go")
        assert "mended 1 time" in r.cli("status", "EP001_SH03").stdout
        assert "back" in open(r.path("manual_export", "STATUS.md")).read().split("## Back")[1]
        hand = lambda: json.dumps(next(v for k, v in json.load(open(r.path("out", TREE, "dailies_ep_001.json")))["shots"].items()
                                       if "_S03_" in k))
        wait(lambda: '"failure_type": "motion"' in hand() and '"manual_resolved": true' in hand(), 20, hand)
        needs = lambda: open(r.path("NEEDS-YOU.md")).read() if os.path.exists(r.path("NEEDS-YOU.md")) else ""
        wait(lambda: "made from the old picture: 1 of EP001_SH03" in needs() and "slated redo EP001_SH03" in needs(), 20, needs)
        clip = first.replace("_first.png", "_clip.mp4")
        old = sha(clip)
        card = [n for n in os.listdir(r.path("approve")) if n.endswith(".md")]
        assert len(card) == 1 and "for EP001_SH03 - est 0.00" in card[0], card
        assert "1 job of EP001_SH03 is made again" in r.cli("redo", "EP001_SH03").stdout
        wait(lambda: sha(clip) != old, 60, "the clip of the mended frame")
        wait(lambda: not [n for n in os.listdir(r.path("approve")) if n.endswith(".md")], 10, "the card to go")


def test_what_hangs_on_a_return_is_made_again_by_dragging_its_card():
    with Root() as r:
        ready(r)
        cards = lambda *folder: sorted(n for n in os.listdir(r.path("approve", *folder)) if n.endswith(".md"))
        versions = lambda: {j["job"]: max(f["version"] for f in j["files"]) for j in r.jobs(r.status()[0]["drop"])["list"]}
        clip = frame(r, 3).replace("_first.png", "_clip.mp4")
        old = sha(clip)
        give(r, edit(frame(r, 3), os.path.join(r.stage, "EP001_SH03.png")), "return", "artifacts")
        wait(lambda: len(cards()) == 1, 30, "a card")
        text = open(r.path("approve", cards()[0])).read()
        assert "SH03, clip, about 0.00" in text and "Animatic" in text and "slated redo EP001_SH03" in text, text
        assert sha(clip) == old, "nothing is made again unasked"
        give(r, edit(frame(r, 4), os.path.join(r.stage, "EP001_SH04.png")), "return", "artifacts")
        wait(lambda: len(cards()) == 2, 30, "another card")
        one, two = cards()
        os.rename(r.path("approve", one), r.path("approve", "go", one))
        os.rename(r.path("approve", two), r.path("approve", "no", two))
        wait(lambda: sha(clip) != old, 60, "the clip of the mended frame")
        r.ended()
        wait(lambda: not cards() and not cards("go") and not cards("no"), 10, "the cards to go")
        manifest = lambda: {f["file"]: f["sha256"] for f in json.load(open(r.path("out", FRAMES, "assets_manifest.json")))["files"]}
        wait(lambda: not [n for n in manifest() if ".versions" in n], 10, lambda: "the manifest to name what lies there: %s" % manifest())
        assert manifest()[os.path.relpath(clip, r.path("out", TREE))] == sha(clip)
        assert ".versions" not in open(r.path("taken", r.status()[0]["drop"], "report.html")).read()
        at = versions()
        assert at["SH03.clip"] == 2 and at["SH04.clip"] == 1 and at["episode.animatic"] == 2, at
        assert "made from the old" not in (open(r.path("NEEDS-YOU.md")).read() if os.path.exists(r.path("NEEDS-YOU.md")) else "")


def test_a_clip_of_a_person_is_not_made_again_for_its_new_frame():
    with Root() as r:
        ready(r)
        clip = frame(r, 3).replace("_first.png", "_clip.mp4")
        mine = os.path.join(r.stage, "EP001_SH03.mp4")
        subprocess.run(["ffmpeg", "-v", "error", "-y", "-i", clip, "-vf", "negate", mine], check=True)
        give(r, mine, "return", "motion")
        settled(r, "EP001_SH03.mp4")
        own = sha(clip)
        give(r, edit(frame(r, 3), os.path.join(r.stage, "EP001_SH03.png")), "return", "motion")
        settled(r, "EP001_SH03.png")
        r.ended()
        card = wait(lambda: [n for n in os.listdir(r.path("approve")) if n.endswith(".md")], 10, "a card")[0]
        assert "clip" not in open(r.path("approve", card)).read().split("Together")[0], "a person made it"
        os.rename(r.path("approve", card), r.path("approve", "go", card))
        wait(lambda: not os.path.exists(r.path("approve", "go", card)), 10, "the answer")
        r.ended()
        assert sha(clip) == own


def test_a_hero_picture_is_replaced_by_its_name_and_kept_when_dropped_again():
    with Root() as r:
        r.drop("products.json", products(1, "v1"))
        r.start()
        r.ended()
        hero = next(os.path.join(d, f) for d, _, files in os.walk(r.path("out")) for f in files if f == "01_hero.png")
        before = sha(hero)
        give(r, edit(hero, os.path.join(r.stage, "01_hero copy (2).jpg")), "return", "artifacts")
        line = settled(r, "01_hero copy (2).jpg")
        assert "placed" in line and "01_hero (by name), artifacts" in line, line
        fixed = sha(hero)
        assert fixed != before and open(hero, "rb").read(4) == b"\x89PNG"
        manifest = os.path.join(os.path.dirname(os.path.dirname(hero)), "assets_manifest.json")
        made_by = lambda: {os.path.basename(f["output_path"]): (f["engine"], f["model"]) for f in json.load(open(manifest))["entries"]}
        wait(lambda: made_by()["01_hero.png"] == ("manual", "a person"), 10, lambda: "the manifest to name a person: %s" % made_by())
        assert set(made_by()[name] for name in made_by() if name != "01_hero.png") == {("local", "embedded")}, made_by()
        r.drop("again.json", products(1, "v1"))
        r.ended(2)
        assert sha(hero) == fixed, "the mended picture is what the same order keeps"
        for drop in r.status():
            report = open(r.path("taken", drop["drop"], "report.html")).read()
            assert report.count("manual, a person") == 1, (drop, report.count("manual, a person"))
        assert made_by()["01_hero.png"] == ("manual", "a person"), made_by()


def test_every_file_gets_its_answer():
    with Root() as r:
        ready(r)
        assert "EP001_SH04_kling_3.0" in r.cli("bundle", "EP001_SH04").stdout
        wait(lambda: os.path.exists(r.path("manual_export", "EP001_SH04_kling_3.0", "bundle.json")), 20, "the bundle")
        stage = lambda name: os.path.join(r.stage, name)
        shutil.copy(r.path("manual_export", "EP001_SH04_kling_3.0", "start_frame.png"), stage("download.png"))
        edit(frame(r, 1), stage("download (1).webp"))
        edit(frame(r, 3), stage("EP001_SH01 fixed.png"))
        subprocess.run(["ffmpeg", "-v", "error", "-y", "-f", "lavfi", "-i", "testsrc=s=640x360", "-frames:v", "1", stage("who.png")], check=True)
        open(stage("notes.png"), "w").write("not a picture")
        open(stage("torn.png"), "wb").write(open(frame(r, 4), "rb").read()[:30000])
        for name in ("download.png", "download (1).webp", "EP001_SH01 fixed.png", "who.png", "notes.png", "torn.png"):
            give(r, stage(name), "return")
        assert "unchanged" in settled(r, "download.png")
        line = settled(r, "download (1).webp")
        assert "placed" in line and "EP001_SH01 (by likeness)" in line, line
        assert "asked" in settled(r, "EP001_SH01 fixed.png"), "name and likeness do not agree"
        assert "asked" in settled(r, "who.png")
        assert "refused" in settled(r, "notes.png") and "refused" in settled(r, "torn.png")
        assert "cut short" in open(r.path("return", "_refused", "torn.png", "WHY.txt")).read()
        asked = next(r.path("return", "_which-shot", n) for n in os.listdir(r.path("return", "_which-shot")) if "SH01" in n)
        wait(lambda: os.path.exists(os.path.join(asked, "EP001_SH03", "like-this.jpg")), 20, "a thumbnail to choose by")
        before = sha(frame(r, 3))
        os.rename(os.path.join(asked, "EP001_SH01 fixed.png"), os.path.join(asked, "EP001_SH03", "EP001_SH01 fixed.png"))
        wait(lambda: sha(frame(r, 3)) != before, 30, "the answer to be taken")
        wait(lambda: not os.path.exists(asked), 20, "the folder of the question to go")
        edit(frame(r, 1), stage("x.png"), "negate")
        copy = stage("y.png")
        shutil.copy(stage("x.png"), copy)
        give(r, stage("x.png"), "return")
        settled(r, "x.png")
        give(r, copy, "return")
        line = settled(r, "y.png")
        assert "again" in line or "asked" in settled(r, "x.png"), line


def heic(r, picture, name):
    """A telephone's picture, and the PATH to read it with: of libheif where it is there, else of a stand-in that knows this one."""
    path = os.path.join(r.stage, name)
    if shutil.which("heif-enc") and (shutil.which("heif-convert") or shutil.which("heif-dec")):
        subprocess.run(["heif-enc", "-q", "92", picture, "-o", path], check=True, capture_output=True)
        return path, os.environ["PATH"]
    programs = os.path.join(r.dir, "programs")
    os.makedirs(programs)
    with open(path, "wb") as f:
        f.write(b"\0\0\0\x1cftypheic\0\0\0\0mif1heicmiaf" + bytes(4000))
    with open(os.path.join(programs, "heif-dec"), "w") as f:
        f.write("#!/bin/sh\ngrep -q mif1heicmiaf \"$1\" && exec cp '%s' \"$2\"\n" % picture)
    os.chmod(os.path.join(programs, "heif-dec"), 0o755)
    return path, programs + ":" + os.environ["PATH"]


def test_a_picture_of_a_telephone_is_taken_and_a_torn_one_is_not():
    with Root() as r:
        picture = os.path.join(r.stage, "picture.png")
        subprocess.run(["ffmpeg", "-v", "error", "-f", "lavfi", "-i", "testsrc2=s=768x1344", "-frames:v", "1", picture], check=True)
        path, r.env["PATH"] = heic(r, picture, "EP001_SH03.HEIC")
        torn = r.write("EP001_SH04 torn.heic", open(path, "rb").read()[:40])
        again = shutil.copy(path, os.path.join(r.stage, "IMG_0815.HEIC"))
        ready(r)
        before = sha(frame(r, 3))
        give(r, path, "return", "artifacts")
        line = settled(r, "EP001_SH03.HEIC")
        assert "placed" in line and "EP001_SH03 (by name), artifacts" in line, line
        placed = open(frame(r, 3), "rb").read()
        assert sha(frame(r, 3)) != before and placed[:4] == b"\x89PNG" and struct.unpack(">II", placed[16:24]) == (768, 1344)
        give(r, again, "return")
        assert " again " in settled(r, "IMG_0815.HEIC")
        give(r, torn, "return")
        line = settled(r, "EP001_SH04 torn.heic")
        assert "refused" in line and "damaged HEIC" in line, line
        assert not r.temporary(), r.temporary()


def test_without_a_program_for_it_a_telephones_picture_is_refused_with_the_cure():
    with Root() as r:
        programs = os.path.join(r.dir, "programs")
        os.makedirs(programs)
        for name in ("ffmpeg", "ffprobe"):
            os.symlink(shutil.which(name), os.path.join(programs, name))
        r.env["PATH"] = programs
        ready(r, (1,))
        give(r, r.write("EP001_SH01.heic", b"\0\0\0\x1cftypheic\0\0\0\0mif1heicmiaf" + bytes(4000)), "return")
        line = settled(r, "EP001_SH01.heic")
        assert "refused" in line and "libheif" in line and "save it as PNG or JPEG" in line, line


def test_zips_folders_and_a_bundles_own_folder_are_looked_through():
    with Root() as r:
        ready(r)
        r.cli("bundle", "EP001_SH04")
        top = r.path("manual_export", "EP001_SH04_kling_3.0")
        wait(lambda: os.path.exists(os.path.join(top, "bundle.json")), 20, "the bundle")
        clip = frame(r, 4).replace("_first.png", "_clip.mp4")
        subprocess.run(["ffmpeg", "-v", "error", "-y", "-i", clip, "-vf", "negate", "-t", "1", os.path.join(r.stage, "final.mp4")], check=True)
        old = sha(clip)
        give(r, os.path.join(r.stage, "final.mp4"), "manual_export", "EP001_SH04_kling_3.0", "return")
        assert "by folder" in settled(r, "final.mp4") and sha(clip) != old
        with zipfile.ZipFile(os.path.join(r.stage, "fixes.zip"), "w") as z:
            z.write(edit(frame(r, 1), os.path.join(r.stage, "a.png")), "deep/er/EP001-SH01.png")
            z.writestr("__MACOSX/deep/._EP001-SH01.png", "junk")
        give(r, os.path.join(r.stage, "fixes.zip"), "return", "character")
        line = settled(r, "EP001-SH01.png")
        assert "placed" in line and "character" in line, line
        wait(lambda: not os.path.exists(r.path("return", "character", "fixes.zip")), 10, "the zip to go")
        with zipfile.ZipFile(os.path.join(r.stage, "evil.zip"), "w") as z:
            z.writestr("../../evil.png", b"x")
        give(r, os.path.join(r.stage, "evil.zip"), "return")
        assert "refused" in settled(r, "evil.zip")
        assert not os.path.exists(r.path("evil.png")) and not os.path.exists(os.path.join(r.dir, "evil.png"))
        os.makedirs(os.path.join(r.stage, "from the editor", "EP001_SH03"))
        edit(frame(r, 3), os.path.join(r.stage, "from the editor", "EP001_SH03", "v7.png"))
        os.rename(os.path.join(r.stage, "from the editor"), r.path("return", "from the editor"))
        assert "EP001_SH03 (by name)" in settled(r, "v7.png")
        wait(lambda: not os.path.exists(r.path("return", "from the editor")), 10, "the empty folder to go")


def test_clips_and_stills_in_other_forms_become_what_the_shot_has():
    with Root() as r:
        ready(r, (1,))
        first = frame(r, 1)
        clip = first.replace("_first.png", "_clip.mp4")
        old, before = sha(first), sha(clip)
        subprocess.run(["ffmpeg", "-v", "error", "-y", "-i", clip, "-t", "1", "-vf", "negate", "-c:v", "libvpx", "-deadline", "realtime",
                        os.path.join(r.stage, "EP001_SH01 veo.webm")], check=True)
        give(r, os.path.join(r.stage, "EP001_SH01 veo.webm"), "return")
        assert "placed" in settled(r, "EP001_SH01 veo.webm")
        assert sha(clip) != before
        form = subprocess.run(["ffprobe", "-v", "error", "-show_entries", "stream=codec_name,nb_frames:format=format_name", "-of", "csv=p=0", clip],
                              capture_output=True, text=True, check=True).stdout
        assert "h264" in form and "24" in form and "mp4" in form, form
        for ext in ("avif", "gif", "bmp", "tiff"):
            name = "EP001_SH01 first v%s.%s" % (len(ext), ext)
            more = ["-c:v", "libaom-av1", "-still-picture", "1", "-cpu-used", "8"] if ext == "avif" else []
            subprocess.run(["ffmpeg", "-v", "error", "-y", "-i", first, "-vf", "drawbox=x=9:y=9:w=%d:h=70:color=red:t=fill" % (60 + 9 * len(ext)),
                            "-frames:v", "1"] + more + [os.path.join(r.stage, name)], check=True)
            give(r, os.path.join(r.stage, name), "return")
            assert "placed" in settled(r, name), log(r)
            assert sha(first) != old and open(first, "rb").read(4) == b"\x89PNG", name
            old = sha(first)


def hostile_zips(stage, good):
    """One archive of each kind that must not be unpacked: its name, and a word of the reason."""
    def made(name, fill):
        with zipfile.ZipFile(os.path.join(stage, name), "w", zipfile.ZIP_DEFLATED) as z:
            fill(z)

    def link(z, to):
        entry = zipfile.ZipInfo("EP001_SH01.png")
        entry.create_system, entry.external_attr = 3, 0o120777 << 16
        z.writestr(entry, to)

    def locked(name):
        made(name, lambda z: z.write(good, "EP001_SH01.png"))
        data = bytearray(open(os.path.join(stage, name), "rb").read())
        data[6] |= 1
        data[data.rindex(b"PK\1\2") + 8] |= 1
        open(os.path.join(stage, name), "wb").write(data)

    made("slip.zip", lambda z: z.writestr("../../evil.png", b"x"))
    made("absolute.zip", lambda z: z.writestr("/tmp/slated-evil.png", b"x"))
    made("backslash.zip", lambda z: z.writestr("..\\..\\evil.png", b"x"))
    made("link.zip", lambda z: link(z, "../../../slated.db"))
    made("many.zip", lambda z: [z.writestr("%05d.png" % i, b"") for i in range(10001)])
    made("ratio.zip", lambda z: z.writestr("EP001_SH01.png", bytes(256 << 20)))
    locked("locked.zip")
    whole = open(os.path.join(stage, "slip.zip"), "rb").read()
    open(os.path.join(stage, "cut.zip"), "wb").write(whole[:len(whole) // 2])
    return ["slip.zip", "absolute.zip", "backslash.zip", "link.zip", "many.zip", "ratio.zip", "locked.zip", "cut.zip"]


def test_hostile_archives_pictures_and_links_change_nothing_but_their_own_place():
    with Root() as r:
        ready(r, (1,))
        good = edit(frame(r, 1), os.path.join(r.stage, "EP001_SH01 final.png"))
        before = lies(r, "out")
        names = hostile_zips(r.stage, good)
        head = b"\x89PNG\r\n\x1a\n" + struct.pack(">I", 13)
        body = b"IHDR" + struct.pack(">IIBBBBB", 60000, 60000, 8, 2, 0, 0, 0)
        open(os.path.join(r.stage, "bomb.png"), "wb").write(
            head + body + struct.pack(">I", zlib.crc32(body)) + b"\0\0\0\4IDATxxxx\0\0\0\0\0\0\0\0IEND\xaeB`\x82")
        for name in names + ["bomb.png"]:
            give(r, os.path.join(r.stage, name), "return")
        for name in names + ["bomb.png"]:
            assert "refused" in settled(r, name), name
            why = open(r.path("return", "_refused", name, "WHY.txt")).read()
            assert len(why.splitlines()) >= 2, why
        assert "password" in open(r.path("return", "_refused", "locked.zip", "WHY.txt")).read()
        secret = os.path.join(r.dir, "secret.png")
        shutil.copy(good, secret)
        os.symlink(secret, r.path("return", "EP001_SH01 (link).png"))
        os.mkfifo(r.path("return", "EP001_SH01 (pipe).png"))
        give(r, good, "return")
        assert "placed" in settled(r, "EP001_SH01 final.png"), "an honest file is still taken"
        assert not os.path.exists("/tmp/slated-evil.png") and not os.path.exists(os.path.join(r.dir, "evil.png"))
        new = [n for n in lies(r, "out") if n not in before and ".versions" not in n and not n.endswith(("learn.html", ".slated-tmp"))]
        assert not new, new
        assert not [n for n in log(r).splitlines() if "link" in n and "placed" in n or "pipe" in n and "placed" in n], log(r)
        assert r.daemon.poll() is None and os.path.exists(secret)


def test_a_receipt_moved_into_a_tags_folder_is_the_tag():
    with Root() as r:
        ready(r, (1,))
        give(r, edit(frame(r, 1), os.path.join(r.stage, "EP001_SH01.png")), "return")
        settled(r, "EP001_SH01.png")
        receipt = r.path("return", "EP001_SH01.png.slated.txt")
        wait(lambda: os.path.exists(receipt), 10, "the question")
        os.rename(receipt, r.path("return", "safety_filter", "EP001_SH01.png.slated.txt"))
        wait(lambda: '"failure_type": "safety_filter"' in open(r.path("out", TREE, "dailies_ep_001.json")).read(), 20, "the tag")
        assert r.cli("tag", "EP001_SH01", "fog").returncode == 1
        assert "composition" in r.cli("tag", "EP001_SH01", "fog").stderr


def test_moving_an_entry_of_the_dailies_is_the_verdict():
    with Root() as r:
        ready(r)
        daily = lambda word, shot: r.path("out", TREE, "dailies", word, "EP001_SH%02d.jpg" % shot)
        verdict = lambda shot: r.cli("status", "EP001_SH%02d" % shot).stdout
        first = sha(frame(r, 3))
        os.rename(daily("needs_review", 1), daily("approved", 1))
        os.rename(daily("needs_review", 3), daily("retake", 3))
        wait(lambda: "approved" in verdict(1), 20, "the approval")
        wait(lambda: sha(frame(r, 3)) != first, 60, "the retake")
        wait(lambda: os.path.exists(daily("needs_review", 3)), 60, "the retake to be shown")
        r.cli("approve", "EP001_SH04")
        wait(lambda: os.path.exists(daily("approved", 4)), 20, "the entry to follow the command")
        give(r, edit(frame(r, 1), os.path.join(r.stage, "EP001_SH01.png")), "return")
        line = settled(r, "EP001_SH01.png")
        assert "asked" in line and "approved" in line, line
        r.kill()
        os.rename(daily("approved", 1), daily("manual", 1))
        r.start()
        wait(lambda: "needs a hand" in verdict(1), 20, "the verdict that was given while nobody looked")


def test_a_note_makes_its_shot_again_and_no_other():
    with Root() as r:
        ready(r)
        one, three = sha(frame(r, 1)), sha(frame(r, 3))
        open(r.path("inbox", "notes", "EP001_SH03.txt"), "w").write("darker, less fog")
        wait(lambda: not os.path.exists(r.path("inbox", "notes", "EP001_SH03.txt")), 20, "the note to be taken")
        versions = r.path("out", FRAMES, ".versions")
        wait(lambda: os.path.isdir(versions) and three in [sha(os.path.join(versions, n)) for n in os.listdir(versions)], 60, "the old version to be kept")
        prompts = lambda: [os.path.join(d, f) for d, _, files in os.walk(r.path("out")) for f in files if f.endswith(".txt")]
        wait(lambda: any("darker, less fog" in open(p).read() for p in prompts()), 20, "the prompt with the note")
        assert sha(frame(r, 1)) == one
        open(r.path("inbox", "notes", "EP009_SH77.txt"), "w").write("?")
        receipt = r.path("inbox", "notes", "EP009_SH77.txt.slated.txt")
        wait(lambda: os.path.exists(receipt), 20, "the refusal")
        assert "no shot is called so" in open(receipt).read()


def test_bundles_of_the_same_content_are_the_same_bytes():
    with Root() as r:
        ready(r, (1,))
        r.cli("bundle", "EP001_SH01", "--zip", "--model", "veo-3.1")
        path = r.path("manual_export", "EP001_SH01_veo_3.1.zip")
        wait(lambda: os.path.exists(path), 20, "the zip")
        first = sha(path)
        shutil.rmtree(r.path("manual_export", "EP001_SH01_veo_3.1"))
        os.unlink(path)
        r.cli("bundle", "EP001_SH01", "--zip", "--model", "veo-3.1")
        wait(lambda: os.path.exists(path), 20, "the zip again")
        assert sha(path) == first
        names = zipfile.ZipFile(path).namelist()
        assert all(n.startswith("EP001_SH01_veo_3.1/") for n in names), names
        assert r.cli("bundle", "EP001_SH01", "--model", "veo-9").returncode == 1


def test_one_shot_id_in_two_projects_is_asked_about_and_an_unknown_one_too():
    with Root() as r:
        other = json.loads(board((4,)))
        other.update(project="lantern")
        other["shots"][0]["shot_id"] = "SH01"
        r.drop("other.json", json.dumps(other))
        r.drop("board.json", board((1,)))
        r.start()
        r.ended(2)
        mine = frame(r, 1)
        before = sha(mine)
        for name in ("EP001_SH01.png", "EP009_SH77.png"):
            subprocess.run(["ffmpeg", "-v", "error", "-y", "-f", "lavfi", "-i", "testsrc=s=640x360" if "77" in name else "mandelbrot=s=640x360",
                            "-frames:v", "1", os.path.join(r.stage, name)], check=True)
            give(r, os.path.join(r.stage, name), "return")
        line = settled(r, "EP001_SH01.png")
        assert "asked" in line and "more than one shot" in line, line
        assert sha(mine) == before
        line = settled(r, "EP009_SH77.png")
        assert "asked" in line and "not known here" in line, line
        choices = os.listdir(r.path("return", "_which-shot", "EP001_SH01.png"))
        assert len([c for c in choices if c.startswith("EP001_SH01") and not c.endswith(".png")]) == 2, choices
        give(r, edit(mine, os.path.join(r.stage, "EP001_SH01 v2.png")), "return")
        assert "EP001_SH01 (by likeness)" in settled(r, "EP001_SH01 v2.png") and sha(mine) != before


def test_a_kill_at_any_moment_leaves_each_file_returned_or_placed():
    dice = random.Random(7)
    with Root() as r:
        ready(r)
        r.kill()
        files = {}
        for n in range(6):
            shot = (1, 3, 4)[n % 3]
            source = os.path.join(r.stage, "EP001_SH%02d take %d.%s" % (shot, n, "png" if n % 2 else "jpg"))
            edit(frame(r, shot), source, "drawbox=x=%d:y=80:w=90:h=90:color=blue:t=fill" % (40 + 60 * n))
            files[os.path.basename(source)] = sha(source)
            give(r, source, "return")
        kills = 0
        until = time.monotonic() + 45
        while any(name in os.listdir(r.path("return")) for name in files) and time.monotonic() < until:
            r.start()
            time.sleep(dice.uniform(0.0, 0.5))
            r.kill()
            kills += 1
        r.start()
        wait(lambda: not any(name in os.listdir(r.path("return")) for name in files), 30, "the last of them")
        for name in files:
            settled(r, name)
        lines = [l for l in log(r).splitlines() if " placed " in l]
        for name in files:
            assert sum(name in l for l in lines) == 1, (name, kills, lines)
        versions = [n for n in os.listdir(r.path("out", FRAMES, ".versions")) if n.endswith(".png")]
        assert len(versions) == 6, (kills, versions)
        assert not [n for n in os.listdir(r.path(".slated", "work")) if n.startswith("return-")]


if __name__ == "__main__":
    main([v for k, v in sorted(globals().items()) if k.startswith("test_")])
