#!/usr/bin/env python3
"""Text steps with a real daemon against simulated models: a shot's prompt is rewritten for its target, an answer that is no good is asked for
again with what was wrong, another model takes over, the next bundle uses what was written, and every token is accounted for."""
# SPDX-License-Identifier: ISC
import glob
import json
import os
import sqlite3

from harness import Root, main, wait
from simulator import Simulator
from test_bundle import board, made, shot

GOOD = ("A stone harbour lies still under a dusk sky of slate and amber. Nell, grey plait over her shoulder, coils the wet line hand over hand with "
        "steady pulls. The camera pushes in slowly from the wall. A warm lamp glows from the right.")
NEGATIVE = "morphing, extra fingers"
LONG = GOOD + " " + GOOD


def answer(prompt=GOOD, negative=NEGATIVE):
    return {"prompt": prompt, "negative": negative}


def says(*answers, **more):
    """Orders for a simulator: each answer once, in this order; a dict is JSON, a text goes as it is."""
    return [dict({"kind": "say", "count": 1, "json" if isinstance(a, dict) else "text": a}, **more) for a in answers]


class WordsRoot(Root):
    """Texts go to simulated engines; pictures are the local engine's, as always."""

    def __init__(self, sims, rows=None, policy=None):
        env = {"no_proxy": "*", "OPENROUTER_API_KEY": "sim-key-or", "GEMINI_API_KEY": "sim-key-ge"}
        for name in ("OPENROUTER_API_KEY", "GEMINI_API_KEY"):
            os.environ.pop(name, None)
        super().__init__(policy=policy, env={k: v for k, v in env.items() if sims or "KEY" not in k})
        for sim in sims:
            self.point(sim)
        text = rows or [{"engine": "openrouter", "model": "anthropic/claude-sonnet-4.6"}, {"engine": "gemini", "model": "gemini-3.5-flash-lite"}]
        path = os.path.join(self.rules, "models", "routing.json")
        types = {"text": {"*": text}, "*": {"*": [{"engine": "local", "model": "embedded"}]}}
        json.dump({"about": "simulated", "use": "standard", "profiles": {"standard": {"about": "simulated", "types": types}}}, open(path, "w"))

    def point(self, sim):
        path = os.path.join(self.rules, "providers", sim.provider + ".json")
        text = open(path).read()
        for real, ours in (("https://openrouter.ai", sim.url), ("https://generativelanguage.googleapis.com", sim.url)):
            text = text.replace(real, ours)
        text = text.replace('"gap_ms": 1000', '"gap_ms": 10')
        open(path, "w").write(text.replace('"carrier": "http",', '"carrier": "http", "private": true,', 1))

    def rows(self, sql):
        db = sqlite3.connect("file:%s?mode=ro" % self.path(".slated", "slated.db"), uri=True, timeout=10)
        try:
            return db.execute(sql).fetchall()
        finally:
            db.close()

    def text_job(self):
        return self.rows("SELECT state, engine, model, attempts, prompt, error FROM jobs WHERE key LIKE 'words.%'")[0]

    def enhance(self, *words):
        run = self.cli("enhance", "EP001_SH01", *(words or ("--model", "kling-v3")))
        assert run.returncode == 0, run.stdout + run.stderr
        return run.stdout

    def document(self):
        path = glob.glob(self.path("out", "**", "prompts", "enhanced", "EP001_SH01_kling_3.0.json"), recursive=True)
        return json.load(open(path[0])) if path else None

    def sound(self):
        said = self.cli("spend", "--check")
        assert said.returncode == 0, said.stderr


def simulated(provider, *answers):
    sim = Simulator(provider)
    sim.latency(run=5)
    if answers:
        sim.faults(*says(*answers))
    return sim


def test_a_prompt_is_rewritten_and_the_next_bundle_uses_it():
    with simulated("openrouter", answer()) as sim, WordsRoot([sim]) as r:
        made(r)
        plain = r.cli("bundle", "EP001_SH01", "--model", "kling-v3")
        assert "rewritten" not in plain.stdout, plain.stdout
        said = r.enhance()
        assert "Kling V3" in said and "claude-sonnet-4.6" in said and "No daemon runs" in said, said
        done = r.once()
        assert done.returncode == 0, done.stdout + done.stderr
        doc = r.document()
        assert doc["prompt"] == GOOD and doc["shot_id"] == "EP001_SH01" and doc["target_model"] == "kling-v3" and 40 <= doc["words"] <= 50, doc
        assert "watermark" in doc["negative"] and doc["negative"].startswith(NEGATIVE), doc["negative"]
        asked = sim.ledger()["requests"] if "requests" in sim.ledger() else None
        assert len(sim.accepted()) == 1, asked
        run = r.cli("bundle", "EP001_SH01", "--model", "kling-v3")
        assert "rewritten by anthropic/claude-sonnet-4.6" in run.stdout, run.stdout + run.stderr
        folder = [f for f in glob.glob(r.path("manual_export", "EP001_SH01_kling_3.0*")) if os.path.isdir(f)
                  and json.load(open(f + "/bundle.json")).get("prompt_enhanced")]
        assert len(folder) == 1, os.listdir(r.path("manual_export"))
        assert open(folder[0] + "/prompt.txt").read().strip() == GOOD
        assert "watermark" in open(folder[0] + "/negative.txt").read()
        veo = r.cli("bundle", "EP001_SH01", "--model", "veo-3.1")
        assert "rewritten" not in veo.stdout, veo.stdout
        spent = json.loads(r.cli("spend", "--by", "shot", "--json").stdout)
        assert [t["answers"] for t in spent["texts"]] == [1] and spent["texts"][0]["tokens_in"] > 50 and spent["texts"][0]["tokens_out"] > 20, spent
        assert abs(spent["texts"][0]["spent"] - sim.cost()) < 2e-6 and spent["rows"][0]["name"] == "EP001_SH01", (spent, sim.cost())
        assert "model=anthropic/claude-sonnet-4.6" in done.stdout + done.stderr or "sonnet" in done.stderr, done.stderr
        r.sound()


def test_answers_that_are_no_good_are_asked_again_with_what_was_wrong():
    """In turn: no JSON, another shape, too long with a word to avoid; then a good one in a fence, with talk around it."""
    with simulated("openrouter", "I would rather not use JSON.", {"text": "a harbour"}) as sim, WordsRoot([sim]) as r:
        sim.faults(*says("Here you are:\n```json\n%s\n```\nIs it good?" % json.dumps(answer(), indent=1)))
        made(r)
        r.enhance()
        done = r.once()
        assert done.returncode == 0, done.stdout + done.stderr
        state, engine, model, attempts, prompt, error = r.text_job()
        assert (state, engine, attempts) == ("done", "openrouter", 3), (state, engine, attempts, error)
        assert "a member \"prompt\"" in prompt and prompt.count("An earlier answer was not used") == 1, prompt
        whys = [w for (w,) in r.rows("SELECT why FROM text_calls ORDER BY id")]
        assert len(whys) == 3 and "no JSON" in whys[0] and "member" in whys[1] and whys[2] is None, whys
        assert r.document()["prompt"] == GOOD
        r.sound()


def test_a_rule_of_the_target_is_kept_and_another_model_takes_over():
    wrong = [answer(LONG), answer(GOOD.replace("amber", "blood")), answer(negative="")]
    with simulated("openrouter", *wrong) as sim, simulated("gemini", answer()) as other, WordsRoot([sim, other]) as r:
        made(r)
        r.enhance()
        done = r.once()
        assert done.returncode == 0, done.stdout + done.stderr
        whys = [w for (w,) in r.rows("SELECT why FROM text_calls ORDER BY id")]
        assert "words, where Kling V3 wants 40 to 50" in whys[0] and '"blood"' in whys[1] and "negative prompt is missing" in whys[2], whys
        assert whys[3] is None and len(whys) == 4
        state, engine, model, *_ = r.text_job()
        assert (state, engine, model) == ("done", "gemini", "gemini-3.5-flash-lite"), (state, engine, model)
        assert len(sim.accepted()) == 3 and len(other.accepted()) == 1
        assert r.document()["model"] == "gemini-3.5-flash-lite"
        cost = r.rows("SELECT settled_u FROM purses WHERE scope = 'all'")[0][0] / 1e6
        went_in, came_out = r.rows("SELECT tokens_in, tokens_out FROM text_calls WHERE engine = 'gemini'")[0]
        told, counted = sim.cost(), (went_in * 0.3 + came_out * 2.5) / 1e6  # one engine tells its cost, of the other the tokens are priced
        assert went_in > 50 and abs(cost - told - counted) < 5e-6, (cost, told, counted)
        r.sound()


def test_a_person_is_told_when_no_model_keeps_to_the_rules():
    with simulated("openrouter") as sim, WordsRoot([sim], [{"engine": "openrouter", "model": "openai/gpt-5"}]) as r:
        sim.faults({"kind": "say", "count": -1, "json": answer("Too short.")})
        made(r)
        r.enhance("--model", "kling-v3")
        done = r.once()
        assert done.returncode == 2, done.stdout + done.stderr
        assert r.text_job()[0] == "failed" and len(sim.accepted()) == 3
        assert "EP001_SH01, prompt for Kling V3" in r.needs() and "2 words, where" in r.needs(), r.needs()
        run = r.cli("bundle", "EP001_SH01", "--model", "kling-v3")
        assert run.returncode == 0 and "rewritten" not in run.stdout, run.stdout
        r.sound()


def test_refusals_and_rate_limits_of_a_model_are_lived_through():
    with simulated("openrouter") as sim, simulated("gemini") as other, WordsRoot([sim, other]) as r:
        sim.faults({"kind": "429_wait", "seconds": 1}, {"kind": "refused"})
        other.faults({"kind": "5xx"}, *says(answer()))
        made(r)
        r.enhance()
        done = r.once()
        assert done.returncode == 0, done.stdout + done.stderr
        state, engine, *_ = r.text_job()
        assert (state, engine) == ("done", "gemini") and not sim.accepted() and len(other.accepted()) == 1
        r.sound()


def test_with_a_daemon_and_with_new_words_it_is_written_anew():
    with simulated("openrouter", answer()) as sim, WordsRoot([sim]) as r:
        made(r)
        r.start()
        said = r.enhance()
        assert "No daemon" not in said
        wait(r.document, what="the rewritten prompt")
        first = r.document()
        second = answer(GOOD.replace("A warm lamp", "One warm lamp"))
        sim.faults(*says(second))
        r.enhance()
        wait(lambda: r.document()["prompt"] != first["prompt"], what="the second version")
        versions = [p for p in glob.glob(r.path("out", "**", ".versions", "**"), recursive=True) + glob.glob(r.path("out", "**", ".versions"), recursive=True)]
        kept = [p for d, _, names in os.walk(r.path("out")) if ".versions" in d for p in names if "kling_3.0" in p]
        assert kept, versions
        run = r.cli("redo", "EP001_SH01", "--enhanced", "--model", "kling-v3")
        assert run.returncode == 0 and "made again" in run.stdout, run.stdout + run.stderr
        r.ended(1, 60)
        assert r.rows("SELECT COUNT(*) FROM jobs WHERE unit = 'EP001_SH01' AND prompt LIKE '%One warm lamp%' AND key NOT LIKE 'words.%'")[0][0] > 0
        r.drop("h2.json", board([shot(1, environment="stone harbour at noon")], episode=1))
        r.ended(2, 60)
        run = r.cli("bundle", "EP001_SH01", "--model", "kling-v3")
        assert "have changed since" in run.stdout, run.stdout + run.stderr


def test_without_a_key_a_person_is_asked_and_bundles_go_on():
    with WordsRoot([]) as r:
        made(r)
        run = r.cli("enhance", "EP001", "--model", "kling-v3")
        assert run.returncode == 0 and "OPENROUTER_API_KEY" in run.stdout and "openai_compatible" in run.stdout, run.stdout + run.stderr
        assert "goes out as a bundle" in run.stdout and run.stdout.count("OPENROUTER_API_KEY is") < 2, run.stdout
        assert {row[0] for row in r.rows("SELECT engine FROM jobs WHERE key LIKE 'words.%'")} == {"manual"}
        run = r.cli("bundle", "EP001_SH01", "--model", "kling-v3")
        assert run.returncode == 0 and os.path.exists(r.path("manual_export", "EP001_SH01_kling_3.0", "prompt.txt")), run.stderr
        run = r.cli("enhance", "EP001_SH01", "--model", "still-editor")
        assert run.returncode == 1 and "no way of writing" in run.stderr, run.stderr


def test_the_first_frame_goes_along_when_the_rule_says_so():
    tokens = []
    for frame in ("false", "true"):
        with simulated("openrouter", answer()) as sim, WordsRoot([sim]) as r:
            path = os.path.join(r.rules, "prompts", "enhance.json")
            text = open(path).read()
            assert '"frame": false' in text
            open(path, "w").write(text.replace('"frame": false', '"frame": %s' % frame))
            made(r)
            r.enhance()
            done = r.once()
            assert done.returncode == 0, done.stdout + done.stderr
            tokens.append(r.rows("SELECT tokens_in FROM text_calls")[0][0])
    assert tokens[1] == tokens[0] + 258, "the simulator counts a picture as 258 tokens: %s" % tokens


def test_a_stopped_engine_keeps_nobody_from_asking_another():
    with simulated("openrouter") as sim, simulated("gemini", answer()) as other, WordsRoot([sim, other]) as r:
        sim.faults({"kind": "auth", "count": -1})
        made(r)
        r.start()
        r.enhance()
        wait(lambda: "the engine openrouter" in r.needs(), what="the stop")
        assert r.text_job()[:2] == ("ready", "openrouter"), r.text_job()
        assert "gemini-3.5-flash-lite at gemini" in r.enhance()
        wait(lambda: r.document(), what="the rewritten prompt")
        assert r.document()["prompt"] == GOOD and r.document()["engine"] == "gemini"
        r.sound()


def test_a_still_has_its_own_way_of_writing():
    still = "A stone harbour at dusk, seen from the wall, 35 mm lens; Nell coils a line under one warm lamp."
    with simulated("openrouter", answer(still, "")) as sim, WordsRoot([sim]) as r:
        made(r)
        r.enhance("--model", "still-model")
        done = r.once()
        assert done.returncode == 0, done.stdout + done.stderr
        doc = json.load(open(glob.glob(r.path("out", "**", "prompts", "enhanced", "EP001_SH01_image.json"), recursive=True)[0]))
        assert doc["prompt"] == still and doc["kind"] == "still" and doc["negative"] is None, doc
        run = r.cli("bundle", "EP001_SH01", "--model", "still-model")
        assert "rewritten by" in run.stdout and open(r.path("manual_export", "EP001_SH01_image", "prompt.txt")).read().strip() == still, run.stdout + run.stderr
        run = r.cli("redo", "EP001_SH01", "--enhanced", "--model", "still-model")
        assert run.returncode == 0 and "made again" in run.stdout, run.stdout + run.stderr
        assert r.rows("SELECT key FROM jobs WHERE prompt = '%s' ORDER BY seq" % still)[0] == ("SH01.first",)
        assert not r.rows("SELECT key FROM jobs WHERE prompt = '%s' AND op LIKE 'film.%%'" % still)


def test_a_server_on_this_machine_writes_for_nothing():
    with simulated("openrouter", answer()) as sim, WordsRoot([], [{"engine": "openai_compatible", "model": "openai/gpt-5"}]) as r:
        path = os.path.join(r.rules, "providers", "openai_compatible.json")
        text = open(path).read().replace("http://127.0.0.1:11434/v1", sim.url + "/v1")
        open(path, "w").write(text)
        made(r)
        r.enhance()
        done = r.once()
        assert done.returncode == 0, done.stdout + done.stderr
        assert r.document()["engine"] == "openai_compatible" and not r.rows("SELECT 1 FROM attempts")
        spent = json.loads(r.cli("spend", "--json").stdout)
        assert not spent["rows"] and spent["texts"][0]["tokens_out"] > 20 and spent["texts"][0]["spent"] == 0, spent


def test_an_episode_is_rewritten_under_its_cap():
    """Four shots, and a cap that lets fewer be paid for: the rest is held, nothing is lost."""
    with simulated("openrouter") as sim, WordsRoot([sim], policy={"money": {"cap_drop": 0.09}}) as r:
        sim.faults({"kind": "say", "count": -1, "json": answer()})
        made(r, board([shot(i + 1) for i in range(4)]))
        run = r.cli("enhance", "EP001", "--model", "kling-v3")
        assert run.returncode == 0 and run.stdout.count("rewritten for") == 4, run.stdout + run.stderr
        done = r.once()
        states = sorted(s for (s,) in r.rows("SELECT state FROM jobs WHERE key LIKE 'words.%'"))
        assert set(states) <= {"done", "held"} and "done" in states, (states, done.stdout)
        settled, reserved = r.rows("SELECT settled_u, reserved_u FROM purses WHERE scope = 'all'")[0]
        assert settled + reserved <= 90000 and abs(settled / 1e6 - sim.cost()) < 1e-4
        r.sound()


if __name__ == "__main__":
    main([test_a_prompt_is_rewritten_and_the_next_bundle_uses_it,
          test_answers_that_are_no_good_are_asked_again_with_what_was_wrong,
          test_a_rule_of_the_target_is_kept_and_another_model_takes_over,
          test_a_person_is_told_when_no_model_keeps_to_the_rules,
          test_refusals_and_rate_limits_of_a_model_are_lived_through,
          test_with_a_daemon_and_with_new_words_it_is_written_anew,
          test_without_a_key_a_person_is_asked_and_bundles_go_on,
          test_the_first_frame_goes_along_when_the_rule_says_so,
          test_a_stopped_engine_keeps_nobody_from_asking_another,
          test_a_still_has_its_own_way_of_writing,
          test_a_server_on_this_machine_writes_for_nothing,
          test_an_episode_is_rewritten_under_its_cap])
