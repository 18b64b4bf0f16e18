#!/usr/bin/env python3
"""Procedures of a web site, done in a real browser on pages that behave like it: what is dropped is made there, trouble is met as its step
files say, and credits are spent once. The pages are tests/simulators/dzine."""
import json
import os
import random
import shutil
import subprocess
import time

from harness import SAMPLES, Root, main, products, wait
from stand_in import BROWSER, Site, jobs_of, use


def finished(r, seconds=150):
    return r.once(seconds)


def test_a_product_list_is_made_in_the_browser():
    with Site() as site, Root(BROWSER) as r:
        use(r, site, ("thumbnail", "background", "product.scene"))
        r.drop("p.json", products(1))
        done = finished(r)
        assert done.returncode == 0, done.stdout + done.stderr
        ledger = site.ledger()
        made = jobs_of(ledger, "txt2img")
        assert len(made) == 7 and ledger["spent"] == 28, ledger["jobs"]
        assert sorted(j["wish"]["ratio"] for j in made).count("1:1") == 1 and all(len(j["wish"]["prompt"]) > 100 for j in made)
        tree = r.tree("out")
        assert any(n.endswith("products/01_detail.png") for n in tree) and any(n.endswith("dzine/thumbnail.png") for n in tree)
        assert len(ledger["projects"]) == 1 and all(e["trusted"] for e in ledger["events"] if e["type"] in ("click", "mousedown", "keydown"))


def test_a_photo_is_cut_out_and_expanded():
    with Site() as site, Root(BROWSER) as r:
        use(r, site, ("product.faithful",))
        staged = os.path.join(r.stage, "lamps")
        shutil.copytree(os.path.join(SAMPLES, "desk-lamps"), staged)
        doc = json.load(open(os.path.join(staged, "products.json")))
        key = "products" if "products" in doc else next(k for k, v in doc.items() if isinstance(v, list))
        doc[key] = doc[key][:1]
        json.dump(doc, open(os.path.join(staged, "products.json"), "w"))
        os.rename(staged, r.path("inbox", "lamps"))
        done = finished(r)
        assert done.returncode == 0, done.stdout + done.stderr
        ledger = site.ledger()
        assert len(jobs_of(ledger, "bgremove")) == 1 and len(jobs_of(ledger, "expand")) == 1 and ledger["spent"] == 8, ledger["jobs"]
        assert "studio" in jobs_of(ledger, "expand")[0]["wish"]["prompt"].lower() or jobs_of(ledger, "expand")[0]["wish"]["prompt"]
        assert any(n.endswith("_faithful.webp") for n in r.tree("out"))


def test_trouble_on_the_page_is_met_without_paying_twice():
    with Site() as site, Root(BROWSER) as r:
        use(r, site, ("thumbnail",))
        site.post("trouble", [{"kind": "dialog", "button": b, "page": True} for b in ("Not now", "Close", "Got it", "Skip", "Later")]
                  + [{"kind": k, "page": True} for k in ("panel_needs_two", "duplicate_buttons", "generate_disabled", "generate_covered",
                                                           "tool_mode", "layout_shift")] + [{"kind": "small_result", "count": 1}])
        r.drop("p.json", products(1))
        done = finished(r)
        ledger = site.ledger()
        assert any(n.endswith("dzine/thumbnail.png") for n in r.tree("out")), done.stdout[-3000:]
        assert len(jobs_of(ledger, "txt2img")) in (1, 2), ledger["jobs"]


def test_a_lost_login_is_said_with_its_cure():
    with Site() as site, Root(BROWSER) as r:
        use(r, site, ("thumbnail",))
        site.post("set", {"loggedIn": False})
        r.drop("p.json", products(1))
        r.start()
        needs = lambda: open(r.path("NEEDS-YOU.md")).read() if os.path.exists(r.path("NEEDS-YOU.md")) else ""
        wait(lambda: "nobody is signed in" in needs() and "slated resume dzine" in needs(), 60, needs)
        assert site.ledger()["spent"] == 0


def test_kills_of_daemon_or_browser_spend_no_credit_twice():
    """BROWSER_KILLS of them at random instants over drops of five products, while there is work; then everything settles."""
    dice, most, drops = random.Random(3), int(os.environ.get("BROWSER_KILLS", "8")), 0
    with Site() as site, Root(BROWSER) as r:
        use(r, site, ("thumbnail", "background"))
        jobs = lambda: [j for d in r.status() for j in r.jobs(d["drop"])["list"]]
        mine = lambda: [j for j in jobs() if j["engine"] == "dzine"]
        busy = lambda: [j for j in jobs() if j["state"] in ("ready", "running", "waiting", "made")]
        until = time.monotonic() + 7 * most
        for kills in range(most):
            if not busy():
                drops += 1
                r.drop("p%d.json" % drops, products(5, "v%d" % drops, niche="lamps %d" % drops))
            if not r.daemon:
                r.start()
            time.sleep(dice.uniform(1.0, 6.0))
            if dice.random() < 0.6:
                r.kill()
            subprocess.run(["pkill", "-9", "-f", os.path.join(r.root, ".slated", "browser")])
            if time.monotonic() > until:
                break
        if not r.daemon:
            r.start()
        wait(lambda: not busy(), 240, lambda: "the jobs to settle: %s" % busy())
        made = [j for j in mine() if j["state"] == "done"]
        doubt = [j for j in mine() if j["state"] != "done"]
        paid = jobs_of(site.ledger(), "txt2img")
        print("%d kills, %d drops: %d clicks paid, %d made, %d in doubt" % (kills + 1, drops, len(paid), len(made), len(doubt)))
        assert len(made) + len(doubt) == 2 * drops and len(made) <= len(paid) <= len(made) + len(doubt), (paid, made, doubt)


if __name__ == "__main__":
    main([v for k, v in sorted(globals().items()) if k.startswith("test_")])
