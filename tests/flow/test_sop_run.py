#!/usr/bin/env python3
"""A procedure done by hand, in a real browser on the pages of tests/simulators/dzine: its steps, its price, and what it leaves behind."""
import fcntl
import glob
import json
import os
import signal
import subprocess
import time

from dzine_set import edit
from harness import SAMPLES, SLATED, Root, main, products, wait
from stand_in import BROWSER, Chromium, Site, free_port, only, use


def slated(r, *args, stdin=None, seconds=60):
    """The command, in a folder of its own below the test's."""
    return subprocess.run([SLATED, *args, "--root", r.root, "--rules", r.rules], input=stdin, capture_output=True, text=True, cwd=r.dir,
                          timeout=seconds, stdin=subprocess.DEVNULL if stdin is None else None, env=r.env)


def by_hand(r, *args, stdin=None):
    return slated(r, "sop", "run", "thumbnail", "--set", "prompt=A lamp on a desk", *args, stdin=stdin)


def set_browser(r, **browser):
    path = os.path.join(r.rules, "policy.json")
    policy = json.load(open(path))
    policy["browser"] = browser
    json.dump(policy, open(path, "w"))


def mishaps(r):
    return sorted(glob.glob(r.path(".slated", "mishaps", "*")))


def test_a_procedure_is_done_by_hand_and_leaves_no_tab():
    with Site() as site, Root() as r, Chromium(r.dir) as browser:
        use(r, site, ("thumbnail",))
        set_browser(r, urls=[browser.url])
        before = [p["id"] for p in browser.pages()]
        done = by_hand(r, "--yes", "--shots", "shots", "--out", "lamp.png")
        assert done.returncode == 0, done.stdout + done.stderr
        assert site.ledger()["spent"] == 4 and open(os.path.join(r.dir, "lamp.png"), "rb").read(4) == b"\x89PNG"
        for words in ("fill the prompt / type the prompt", "This costs 4 credits", "done, 4 credits spent", "lamp.png"):
            assert words in done.stdout, (words, done.stdout)
        assert done.stdout.count("wait for the result / see that somebody is still signed in\n") == 1, done.stdout  # each round is not told again
        assert len(glob.glob(os.path.join(r.dir, "shots", "*.png"))) >= 15 and not glob.glob(os.path.join(r.dir, "shots", "*--*"))
        spent = json.loads(slated(r, "spend", "--by", "engine", "--json").stdout)["rows"]
        assert [(row["name"], row["spent"]) for row in spent] == [("dzine", 0.02)], spent
        assert "sound" in slated(r, "spend", "--check").stdout
        wait(lambda: [p["id"] for p in browser.pages()] == before, 5, lambda: "the tab to be closed: %s" % browser.pages())
        assert not glob.glob(r.path(".slated", "by-hand-*")) and not mishaps(r)
        again = by_hand(r, "--yes", "--out", "lamp.png")
        assert again.returncode == 1 and "is there already" in again.stderr and site.ledger()["spent"] == 4


def test_a_browser_that_is_not_there_is_said_with_how_to_start_it():
    with Root() as r:
        port = free_port()
        set_browser(r, urls=["http://127.0.0.1:%d" % port])
        none = by_hand(r, "--yes")
        assert none.returncode == 2 and "slated browser doctor says more" in none.stderr, none.stderr
        doctor = slated(r, "browser", "doctor")
        assert doctor.returncode == 2 and "--remote-debugging-port=%d --user-data-dir=" % port in doctor.stdout, doctor.stdout


def test_a_prompt_is_put_together_from_what_stands_in_it():
    with Site() as site, Root() as r, Chromium(r.dir) as browser:
        use(r, site, ("thumbnail",))
        set_browser(r, urls=[browser.url])
        done = slated(r, "sop", "run", "dzine/thumbnail", "--set", "product_name=Halden Arc", "--set", "niche=desk lamps", "--yes")
        assert done.returncode == 0, done.stdout + done.stderr
        typed = [job["wish"]["prompt"] for job in site.ledger()["jobs"]]
        assert len(typed) == 1 and "The Halden Arc dominates" in typed[0] and "a video about desk lamps" in typed[0], typed
        for given, said in (((), "or product_name to put it together"), (("--set", "product_nam=x"), "takes no product_nam"),
                            (("--set", "prompt=a", "--set", "product_name=b"), "prompt was given too")):
            bad = slated(r, "sop", "run", "thumbnail", *given)
            assert bad.returncode == 1 and said in bad.stderr, bad.stderr
        bad = slated(r, "sop", "run", "product", "--set", "product_name=b")
        assert bad.returncode == 1 and "needs prompt, or variant" in bad.stderr, bad.stderr
        assert site.ledger()["spent"] == 4


def test_a_daemon_waits_while_somebody_works_by_hand():
    with Site() as site, Root() as r, Chromium(r.dir) as browser:
        use(r, site, ("thumbnail",))
        only(r, "thumbnail")
        set_browser(r, urls=[browser.url])
        r.start()
        hand = start_by_hand(r)
        wait(lambda: browser.pages(site.base), 20, "the tab of the one who works by hand")
        r.drop("p.json", products(1))
        wait(lambda: any(j["state"] == "running" for j in r.jobs(r.taken()[0]["drop"])["list"]), 20, "the job")
        time.sleep(1.5)
        assert len(browser.pages(site.base)) == 1 and site.ledger()["spent"] == 0
        hand.stdin.write("g\n")  # to its end, with a purchase that the daemon books
        said = hand.communicate(timeout=60)[0]
        assert hand.returncode == 0 and "booked: 0.02 at dzine" in said and "done, 4 credits" in said, said
        r.ended(1, 60)
        assert site.ledger()["spent"] == 8 and "dzine/thumbnail.png" in " ".join(r.tree())
        assert not os.listdir(r.path(".slated", "work"))
        rows = json.loads(slated(r, "spend", "--by", "drop", "--json").stdout)["rows"]
        assert sorted((row["name"] == "by hand", row["spent"]) for row in rows) == [(False, 0.02), (True, 0.02)], rows
        assert "sound" in slated(r, "spend", "--check").stdout


def test_a_daemon_that_ends_leaves_no_tab():
    with Site(1) as site, Root() as r, Chromium(r.dir) as browser:
        use(r, site, ("thumbnail",))
        only(r, "thumbnail")
        set_browser(r, urls=[browser.url])
        for frozen in (False, True):
            r.start()
            r.drop("p%d.json" % frozen, products(1, video_id="v%d" % frozen))
            wait(lambda: browser.pages(site.base), 20, "its tab")
            if frozen:
                browser.signal(signal.SIGSTOP)
            code, seconds = r.stop(10)
            assert code == 0 and seconds < 2.5, (frozen, code, seconds)
            if not frozen:
                wait(lambda: not browser.pages(site.base), 3, lambda: "no tab of ours: %s" % browser.pages())


def test_each_step_waits_for_a_key():
    with Site() as site, Root(BROWSER) as r:
        use(r, site, ("thumbnail",))
        done = by_hand(r, "--step", stdin="\n\ns\n?\nq\n")
        assert done.returncode == 2 and "Stopped." in done.stdout and "go on without asking" in done.stdout, done.stdout + done.stderr
        assert len(glob.glob(os.path.join(r.dir, "*.png"))) == 1 and "see that somebody is signed in" in done.stdout
        assert "open text to image" not in done.stdout and site.ledger()["spent"] == 0


def test_what_costs_is_asked_for_and_capped():
    with Site() as site, Root(BROWSER) as r:
        use(r, site, ("thumbnail",))
        no = by_hand(r, stdin="n\n")
        assert no.returncode == 2 and "Go on? [y/N]" in no.stdout and "nothing was paid for" in no.stdout, no.stdout + no.stderr
        r.set_policy({"browser": BROWSER["browser"], "money": {"cap_day": 0.01}})
        capped = by_hand(r, "--yes")
        assert capped.returncode == 1 and "cap" in capped.stderr + capped.stdout and "is not made" in capped.stderr, capped.stdout + capped.stderr
        assert site.ledger()["spent"] == 0 and "nothing was spent" in slated(r, "spend").stdout


def test_it_begins_at_a_step_that_is_named():
    with Site() as site, Root(BROWSER) as r:
        use(r, site, ("thumbnail",))
        wrong = by_hand(r, "--from", "fill the promt")
        assert wrong.returncode == 1 and 'did you mean "fill the prompt"' in wrong.stderr, wrong.stderr
        done = by_hand(r, "--from", "open text to image", "--slow=50", stdin="n\n")
        assert done.returncode == 2 and "prepare the canvas" not in done.stdout and "press Generate" in done.stdout, done.stdout + done.stderr


def test_it_begins_inside_what_a_step_calls():
    with Site() as site, Root(BROWSER) as r:
        use(r, site, ("thumbnail",))
        wrong = by_hand(r, "--from", "generate / press Generat")
        assert wrong.returncode == 1 and 'did you mean "generate / press Generate"' in wrong.stderr, wrong.stderr
        site.post("set", {"sluggish": 2500})  # the page is there before it can be worked on
        done = by_hand(r, "--from", "open text to image/open text to image", stdin="n\n")
        assert done.returncode == 2 and "open the neighbour" not in done.stdout and "press Generate" in done.stdout, done.stdout + done.stderr
        assert done.stdout.count("open text to image / open text to image") == 1 and site.ledger()["spent"] == 0
        site.post("set", {"sluggish": 0, "loggedIn": False})
        out = by_hand(r, "--from", "generate/press Generate", stdin="n\n")
        assert out.returncode == 2 and "nobody is signed in" in out.stderr and "press Generate" not in out.stdout, out.stdout + out.stderr


def test_another_procedure_stands_in_and_says_so():
    with Site() as site, Root(BROWSER) as r:
        use(r, site, ("thumbnail",))
        edit(r, "sops/dzine/faithful.json", ('"text": "BG Remove"}, "within_ms": 5000', '"text": "Gone Now"}, "within_ms": 300'),
             ('"css": "[class*=\'bg-remove\']", "nth": 0}, "within_ms": 3000', '"css": ".gone-now"}, "within_ms": 300'))
        photo = glob.glob(os.path.join(SAMPLES, "desk-lamps", "**", "*.jpg"), recursive=True)[0]
        alone = slated(r, "sop", "run", "faithful", "--set", "ref=" + photo, "--yes")
        assert alone.returncode == 1 and "product cannot stand in: it needs prompt" in alone.stderr, alone.stdout + alone.stderr
        done = slated(r, "sop", "run", "faithful", "--set", "ref=" + photo, "--set", "prompt=A lamp", "--yes", "--out", "lamp.png")
        assert done.returncode == 0 and 'product makes it in its place, as "otherwise" of faithful says' in done.stdout, done.stdout + done.stderr
        assert ".gone-now" in done.stderr and ".slated/mishaps/" in done.stderr and "done, 4 credits" in done.stdout, done.stderr
        assert site.ledger()["spent"] == 4 and os.path.getsize(os.path.join(r.dir, "lamp.png")) > 50000 and len(mishaps(r)) == 2


def test_faults_of_the_wishes_are_all_named():
    with Root(BROWSER) as r:
        bad = slated(r, "sop", "run", "faithful", "--set", "colour=red", "--set", "scale")
        for words in ("takes no colour", "--set scale=VALUE", "needs ref", "1.5x, 2x, 3x or 4x"):
            assert words in bad.stderr, (words, bad.stderr)
        assert bad.returncode == 1
        for words in (("list", "--step"), ("check", "--set", "a=b"), ("run", "thumbnail", "--json", "--set", "prompt=x")):
            assert slated(r, "sop", *words).returncode == 1, words
        slow = by_hand(r, "--slow=soon")
        assert slow.returncode == 1 and "--slow takes milliseconds, not soon" in slow.stderr
        none = slated(r, "sop", "run", "thumbnai", "--set", "prompt=x")
        assert none.returncode == 1 and "did you mean thumbnail" in none.stderr


def test_a_browser_that_another_slated_drives_is_left_alone():
    with Site() as site, Root(BROWSER) as r:
        use(r, site, ("thumbnail",))
        os.makedirs(r.path(".slated", "browser"))
        with open(r.path(".slated", "browser", "lease-0"), "w") as lease:
            fcntl.lockf(lease, fcntl.LOCK_EX)
            busy = by_hand(r, "--yes")
            assert busy.returncode == 2 and "driven by another slated (pid %d)" % os.getpid() in busy.stderr, busy.stderr
            assert "BAD  free" in slated(r, "browser", "doctor").stdout
        assert site.ledger()["spent"] == 0


def start_by_hand(r):
    """One that stands before its second step."""
    process = subprocess.Popen([SLATED, "sop", "run", "thumbnail", "--set", "prompt=A lamp", "--step", "--yes", "--root", r.root, "--rules", r.rules],
                               stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, cwd=r.dir)
    process.stdin.write("\n")
    process.stdin.flush()
    return process


def test_ctrl_c_closes_the_tab():
    with Site() as site, Root() as r, Chromium(r.dir) as browser:
        use(r, site, ("thumbnail",))
        set_browser(r, urls=[browser.url])
        process = start_by_hand(r)
        wait(lambda: browser.pages(site.base), 20, "our tab")
        process.send_signal(signal.SIGINT)
        said = process.communicate(timeout=15)[1]
        assert process.returncode == 1 and "the tab is closed" in said, said
        wait(lambda: not browser.pages(site.base), 5, lambda: "no tab of ours: %s" % browser.pages())


if __name__ == "__main__":
    main([v for k, v in sorted(globals().items()) if k.startswith("test_")])
