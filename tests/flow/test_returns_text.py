#!/usr/bin/env python3
"""Text steps by hand: without a text model the question goes out as a bundle, and the answer that a person brings is judged, placed as the
document's version and offered for a redo; what does not fit is refused with its place."""
# SPDX-License-Identifier: ISC
import json
import os
import shutil
import zipfile

from harness import main, wait
from test_bundle import made
from test_words import GOOD, NEGATIVE, WordsRoot, answer

BUNDLE = "EP001_SH01_kling_3.0_text"


def asked(r):
    """A daemon whose one shot waits for a rewritten prompt; the folder of the bundle."""
    made(r)
    r.start()
    r.enhance()
    top = r.path("manual_export", BUNDLE)
    wait(lambda: os.path.exists(os.path.join(top, "bundle.json")), what="the bundle")
    wait(lambda: r.text_job()[0] == "needs_person", what="the job to wait for a person")
    return top


def log(r):
    return r.text_of("return", "RETURNS.txt")


def give(r, name, text, *where):
    """Moved in whole; the line that tells what became of it."""
    os.rename(r.write(name, text), r.path(*(where or ("return",)), name))
    wait(lambda: "return/" + name in log(r), what=lambda: "a word about %s in:\n%s" % (name, log(r)))
    return next(line for line in log(r).splitlines() if "return/" + name in line)


def cards(r):
    return [n for n in os.listdir(r.path("approve")) if n.endswith(".md")]


def test_the_question_goes_out_whole_and_the_answer_is_placed_and_offered():
    with WordsRoot([]) as r:
        top = asked(r)
        assert sorted(os.listdir(top)) == ["bundle.json", "instructions.txt", "prompt.txt", "return", "schema.json"], os.listdir(top)
        prompt = open(os.path.join(top, "prompt.txt")).read()
        assert "Kling" in prompt and "harbour" in prompt.lower() and '"negative"' in prompt, prompt
        assert "by hand: EP001_SH01, prompt for Kling V3" in r.needs(), r.needs()
        said = r.cli("status", r.status()[0]["drop"]).stdout
        assert "1 by hand" in said and "failed" not in said, said
        line = give(r, "chat answer.md", "Here it is:\n```json\n%s\n```\nAnything else?\n" % json.dumps(answer(), indent=1),
                    "manual_export", BUNDLE, "return")
        assert "placed" in line and "-> EP001_SH01 (by folder)" in line, line
        doc = wait(r.document, what="the document")
        assert doc["prompt"] == GOOD and doc["engine"] == "manual" and "watermark" in doc["negative"], doc
        assert not os.path.exists(os.path.join(top, "return", "chat answer.md"))
        assert r.text_job()[0] == "done" and BUNDLE in open(r.path("manual_export", "STATUS.md")).read().split("## Back")[1]
        bundle = r.cli("bundle", "EP001_SH01", "--model", "kling-v3").stdout
        assert "rewritten by a person" in bundle, bundle
        assert "What was wrong" not in "".join(open(r.path("return", n)).read() for n in os.listdir(r.path("return")) if n.endswith(".slated.txt"))
        card = wait(lambda: cards(r), what="a card")
        assert len(card) == 1 and "for EP001_SH01 with its new prompt - est 0.00" in card[0], card
        assert GOOD in open(r.path("approve", card[0])).read() and "a new prompt for EP001_SH01" in r.needs()
        os.rename(r.path("approve", card[0]), r.path("approve", "go", card[0]))
        wait(lambda: r.rows("SELECT COUNT(*) FROM jobs WHERE unit = 'EP001_SH01' AND prompt LIKE '%coils the wet line%' AND key NOT LIKE 'words.%'")[0][0],
             what="the shot to be made with the new prompt")
        r.ended(1, 60)
        again = give(r, "the same again.txt", "Here it is:\n```json\n%s\n```\nAnything else?\n" % json.dumps(answer(), indent=1))
        assert " again " in again, again
        second = answer(GOOD.replace("A warm lamp", "One warm lamp"))
        line = give(r, "EP001_SH01.json", json.dumps(second))
        assert "placed" in line and "(by name)" in line, line
        assert r.document()["prompt"] == second["prompt"]
        assert [n for d, _, names in os.walk(r.path("out")) if ".versions" in d for n in names if "EP001_SH01_kling_3.0" in n]


def test_what_does_not_fit_is_refused_with_its_place_and_a_note_stays_a_note():
    with WordsRoot([]) as r:
        top = asked(r)
        home = ("manual_export", BUNDLE, "return")
        token = json.load(open(os.path.join(top, "bundle.json")))["token"]
        line = give(r, "torn.json", '{\n "prompt": "A harbour",\n "negative": }\n', *home)
        assert "refused" in line and "line 3" in line and "schema.json" in line, line
        line = give(r, "other.json", json.dumps({"prompt": GOOD, "negative": 3, "style": "x"}), *home)
        assert "refused" in line and "/negative" in line and "/style" in line, line
        line = give(r, "short.txt", json.dumps({"prompt": "A harbour. # Title", "negative": NEGATIVE}), *home)
        assert "refused" in line and "headings" in line, line
        line = give(r, "talk.txt", "I am sorry, I cannot help with that.", *home)
        assert "refused" in line and "no JSON" in line, line
        line = give(r, "wide.txt", json.dumps(answer()).encode("utf-16"), *home)
        assert "refused" in line and "UTF-8" in line, line
        line = give(r, "empty words.txt", "darker, less fog")
        assert "refused" in line and "inbox/notes" in line, line
        why = open(r.path("return", "_refused", "other.json", "WHY.txt")).read()
        assert "/negative" in why and "drop it into return/ again" in why, why
        assert r.document() is None and r.text_job()[0] == "needs_person"
        copies = [give(r, n, open(os.path.join(top, n)).read()) for n in ("prompt.txt", "schema.json", "bundle.json")]
        copies.append(give(r, "WHY.txt", why))
        assert all("unchanged" in c for c in copies), copies
        line = give(r, "%s.txt" % token, json.dumps(answer()))
        assert "placed" in line and "(by token)" in line, line
        r.write("EP001_SH01.txt", "darker, less fog", "inbox/notes")
        wait(lambda: not os.path.exists(r.path("inbox", "notes", "EP001_SH01.txt")), what="the note to be read")
        assert r.document()["prompt"] == GOOD and r.rows("SELECT COUNT(*) FROM jobs WHERE prompt LIKE '%darker, less fog%'")[0][0] > 0


def test_a_text_that_came_along_is_kept_as_a_note_and_bothers_nobody():
    with WordsRoot([]) as r:
        asked(r)
        with zipfile.ZipFile(os.path.join(r.stage, "fixes.zip"), "w") as z:
            z.writestr("deep/README.txt", "Graded in ACES, delivered as sRGB.")
            z.writestr("deep/EP001_SH01_kling_3.0_text.json", json.dumps(answer()))
        os.rename(os.path.join(r.stage, "fixes.zip"), r.path("return", "fixes.zip"))
        wait(lambda: not os.path.exists(r.path("return", "fixes.zip")), what="the archive to go")
        wait(lambda: log(r).count("fixes.zip/") == 2, what="a word about both")
        line = next(line for line in log(r).splitlines() if "README.txt" in line)
        assert "noted" in line and "_notes" in line, line
        assert r.document()["prompt"] == GOOD
        assert "ACES" in open(r.path("return", "_notes", "README.txt")).read()
        os.makedirs(os.path.join(r.stage, "from the editor"))
        r.write("from the editor/notes.md", "- softer")
        os.rename(os.path.join(r.stage, "from the editor"), r.path("return", "from the editor"))
        wait(lambda: os.path.exists(r.path("return", "_notes", "notes.md")), what="the folder's text")
        assert "not taken back" not in r.needs() and not os.path.exists(r.path("return", "_refused"))


def test_a_question_goes_out_again_when_its_folder_has_gone():
    with WordsRoot([]) as r:
        top = asked(r)
        before = open(os.path.join(top, "prompt.txt")).read()
        shutil.rmtree(top)
        said = r.cli("bundle", "EP001_SH01", "--model", "text", "--zip")
        assert said.returncode == 0 and BUNDLE in said.stdout, said
        wait(lambda: os.path.exists(top + ".zip") and os.path.exists(os.path.join(top, "bundle.json")), what="the bundle")
        assert open(os.path.join(top, "prompt.txt")).read() == before
        line = give(r, "answer.json", json.dumps(answer()), "manual_export", BUNDLE, "return")
        assert "placed" in line and r.document()["prompt"] == GOOD, line
        other = r.cli("bundle", "EP001_SH02", "--model", "text")
        assert other.returncode != 0, other


def test_two_texts_of_one_shot_are_told_apart_or_asked_for():
    with WordsRoot([]) as r:
        asked(r)
        r.enhance("--model", "veo-3.1")
        wait(lambda: os.path.exists(r.path("manual_export", "EP001_SH01_veo_3.1_text", "bundle.json")), what="the other bundle")
        line = give(r, "EP001_SH01.json", json.dumps(answer()))
        assert "refused" in line and "more than one text" in line, line
        line = give(r, "EP001_SH01_kling_3.0_text (1).json", json.dumps(answer()))
        assert "placed" in line and r.document()["target_model"] == "kling-v3", line


def test_a_kill_at_any_instant_of_a_text_leaves_it_in_return_or_placed():
    with WordsRoot([]) as r:
        asked(r)
        for turn in range(6):
            text = json.dumps(answer(GOOD.replace("A warm", "%s warm" % ["One", "This", "That", "Her", "His", "Some"][turn])))
            path = r.path("manual_export", BUNDLE, "return", "take %d.json" % turn)
            os.rename(r.write("take", text), path)
            wait(lambda: turn % 3 == 0 or not os.path.exists(path) or r.rows("SELECT 1 FROM returns WHERE name LIKE '%%take %d%%'" % turn), 20, "it to be seen")
            r.kill()
            r.start()
            wait(lambda: not os.path.exists(path), what="it to be placed")
            assert r.document()["prompt"] == json.loads(text)["prompt"]
        assert r.rows("SELECT COUNT(*) FROM returns WHERE state = 'placed'")[0][0] == 6
        assert not os.listdir(r.path(".slated", "work")), os.listdir(r.path(".slated", "work"))


if __name__ == "__main__":
    main([v for k, v in sorted(globals().items()) if k.startswith("test_") and callable(v) and v.__module__ == "__main__"])
