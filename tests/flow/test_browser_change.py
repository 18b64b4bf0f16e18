#!/usr/bin/env python3
"""Another browser is named in policy.json while a daemon is at work: what has begun ends where it began, and what comes after is made in the other
one; through the daemon, in real browsers on the stand-in pages."""
import json
import os
import signal

from harness import Root, main, merge, products, wait
from stand_in import Chromium, Site, only, use


def name(r, *urls):
    policy = json.load(open(os.path.join(r.rules, "policy.json")))
    r.set_policy(merge(policy, {"browser": {"urls": list(urls)}}))


def reload(r):
    log = lambda: open(r.log, errors="replace").read().count("loaded again from")
    before = log()
    r.daemon.send_signal(signal.SIGHUP)
    wait(lambda: log() > before, 10, "the rules to be loaded again")


def test_work_ends_where_it_began_and_begins_where_it_is_named():
    with Site() as site, Root() as r, Chromium(r.dir) as first, Chromium(r.dir) as second:
        use(r, site, ("thumbnail",))
        only(r, "thumbnail")
        name(r, first.url)
        r.start("--verbose")
        site.trouble({"kind": "slow_job", "seconds": 160})
        r.drop("one.json", products(1, "one", niche="lamps for one"))
        wait(lambda: site.ledger()["jobs"], 30, "the click")
        name(r, second.url)
        reload(r)
        r.drop("two.json", products(1, "two", niche="lamps for two"))
        assert first.pages(site.base) and not second.pages(site.base)
        wait(lambda: second.pages(site.base), 30, "the second one's tab")
        assert not first.pages(site.base), "the first one's tab stayed"
        r.ended(2, 60)
        ledger = site.ledger()
        assert ledger["spent"] == 8 and len(ledger["downloads"]) == 2, ledger["jobs"]
        wait(lambda: not second.pages(site.base), 10, "no tab of ours")
        name(r)
        reload(r)
        r.drop("three.json", products(1, "three", niche="lamps for three"))
        wait(lambda: "three" in " ".join(r.tree()) or len(r.status()) == 3 and r.status()[0]["state"] == "ended", 60, lambda: r.status())
        assert site.ledger()["spent"] == 8 and not first.pages(site.base) and not second.pages(site.base)


if __name__ == "__main__":
    main([v for k, v in sorted(globals().items()) if k.startswith("test_")])
