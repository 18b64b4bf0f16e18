#!/usr/bin/env python3
"""What slated adds to the time of a web page: each procedure of the canvas once, by the real daemon in a real Chromium on the stand-in pages at
the real site's pace, and with RUNS=1000 a procedure so many times in one daemon. One row a procedure; then memory and tabs.

  page   a command of ours is under way, and the page has not answered it; and the rests that the step files ask for: between looks at a result
         that is being made, after a panel was opened, between two keys
  own    all the rest: from an answer of the page until our next command (reading, deciding, storing durably), and from the last answer until
         the picture lies in out/, looked at and filed
  cpu    processor time of daemon and workers in all of it

SPEED=40 divides what the stand-in takes to make a picture; then the page is quicker than any real one."""
import os
import re
import sys
import time

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "flow"))
from dzine_set import MARA, edit, folder, only  # noqa: E402
from harness import Root, wait  # noqa: E402
from stand_in import OPS, Chromium, Site, use  # noqa: E402
from wire import Wire  # noqa: E402

SPEED = float(os.environ.get("SPEED", "1"))
RUNS = int(os.environ.get("RUNS") or 0)
TICKS = os.sysconf("SC_CLK_TCK")
GOAL = 5.0
ONE = (('"1": ["hero", "usage1", "detail", "usage2", "mood"]', '"1": ["hero"]'), ('"2": ["hero", "usage1", "detail", "mood"]', '"2": ["hero"]'),
       ('"*": ["hero", "usage1", "detail"]', '"*": ["hero"]'))


def edit_all(root, name, *pairs):
    """As edit(), but what is not there is left."""
    path = os.path.join(root.rules, name)
    edit(root, name, *[pair for pair in pairs if pair[0] in open(path).read()])


class Day:
    """A site, a person's browser behind a wire, a root; a context manager."""

    def __init__(self, speed):
        self.site, self.root = Site(speed).__enter__(), Root()
        edit(self.root, "sops/dzine/site.json", ("https://www.dzine.ai/", self.site.base))
        self.browser = Chromium(self.root.dir).start()
        self.wire = Wire(self.browser.port)
        self.root.set_policy({"browser": {"urls": [self.wire.url]}})

    def __enter__(self):
        return self

    def __exit__(self, kind, value, trace):
        for one in (self.root, self.wire, self.browser, self.site):
            one.__exit__(kind, value, trace)

    def processes(self):
        pid = self.root.daemon.pid
        return [pid] + [int(p) for p in open("/proc/%d/task/%d/children" % (pid, pid)).read().split()]

    def cpu_ms(self):
        def one(pid):
            parts = open("/proc/%d/stat" % pid).read().rpartition(")")[2].split()
            return sum(int(n) for n in parts[11:15])
        return sum(one(pid) for pid in self.processes()) * 1000.0 / TICKS

    def resident_mb(self):
        return int(open("/proc/%d/statm" % self.root.daemon.pid).read().split()[1]) * os.sysconf("SC_PAGESIZE") / 1e6

    def busy(self):
        return self.root.rows("select count(*) from jobs where state in ('waiting', 'ready', 'running', 'made')")[0][0]


# --- the time of one procedure ---


class Tab:
    """What passed over the wire for one tab, which is one procedure."""

    def __init__(self, session, wire):
        self.sent = [c for c in list(wire.commands) if c.get("sessionId") == session]
        self.heard = {a["id"]: a["at"] for a in list(wire.answers) if "id" in a}
        self.began, self.ended = self.sent[0]["at"], max(self.heard.get(c["id"], c["at"]) for c in self.sent)

    def own_s(self, key_ms):
        """Sum of the times in which no command was under way, but for the rests between keys."""
        own, free_at, keys_at = 0.0, self.sent[0]["at"], 0.0
        for c in self.sent:
            own += max(0.0, c["at"] - max(free_at, keys_at))
            if c["method"] == "Input.dispatchKeyEvent" and c["params"].get("type") == "keyDown":
                keys_at = max(keys_at, c["at"]) + key_ms / 1000.0
            free_at = max(free_at, self.heard.get(c["id"], c["at"]))
        return own

    def tell(self, filed):
        """The longest times without a command, rests included, and how long filing took."""
        gaps, free_at, last = [], self.sent[0]["at"], self.sent[0]
        for c in self.sent:
            gaps.append((c["at"] - free_at, c["at"] - self.began, last["method"], c["method"]))
            if self.heard.get(c["id"], c["at"]) > free_at:
                free_at, last = self.heard.get(c["id"], c["at"]), c
        print("    filed %.1f ms after; " % ((filed - self.ended) * 1000) + "; ".join("%.1f ms at %.2f s, %s -> %s" % ((g[0] * 1000,) + g[1:]) for g in sorted(gaps)[-16:]))


def rests_ms(log):
    """{job: what its step files asked to rest for}, in the order in which jobs went to the browser."""
    sums = {}
    for job, at, rest in re.findall(r' debug outcome job="([^"]*)" .*at="([^"]*)" rest_ms=(\d+)', log):
        if at or job in sums:
            sums[job] = sums.get(job, 0) + int(rest)
    return sums


def filed_at(root, after):
    """When the first picture after that moment (monotonic) came to lie in out/."""
    shift, times = time.time() - time.monotonic(), []
    for dir_, _, names in os.walk(root.path("out")):
        times += [os.stat(os.path.join(dir_, n)).st_ctime - shift for n in names if n.endswith((".png", ".webp"))]
    return min((t for t in times if t >= after - 0.005), default=after)


def row_of(job, tab, rest_ms, key_ms, root):
    filed = filed_at(root, tab.ended)
    whole = filed - tab.began
    own = max(0.0, tab.own_s(key_ms) - rest_ms / 1000.0) + max(0.0, filed - tab.ended)
    page = whole - own
    if os.environ.get("GAPS"):
        tab.tell(filed)
    asked = page - rest_ms / 1000.0
    print("  %-28s %8d %9.2f %9.2f %9.2f %8.0f %7.2f %%" % (job, len(tab.sent), whole, page, asked, own * 1000, 100 * own / page), flush=True)
    return own / page


def procedures():
    with Day(SPEED) as day:
        edit(day.root, "plans/products.json", *ONE)
        day.root.start("--verbose")
        before = day.cpu_ms()
        folder(day.root, "lamps", 1, photos=1, face=True, characters=[MARA], scenes=[{"scene": "walking through a kitchen", "characters": ["Mara"]}])
        day.root.taken()
        wait(lambda: not day.busy(), 900, "the pictures")
        cpu = day.cpu_ms() - before
        rests = rests_ms(open(day.root.log, errors="replace").read())
        sessions = list(dict.fromkeys(c["sessionId"] for c in list(day.wire.commands) if "sessionId" in c))
        assert len(sessions) == len(rests), (sessions, rests)
        key_ms = int(re.search(r'"key_ms": (\d+)', open(os.path.join(day.root.rules, "sops", "dzine", "site.json")).read()).group(1))
        print("Procedures of the web canvas, the site at %g times its pace: seconds whole, of the page, of the page without rests; ms of our own" % SPEED)
        print("  %-28s %8s %9s %9s %9s %8s %9s" % ("", "commands", "whole", "page", "answers", "own ms", "own/page"))
        shares = [row_of(job, Tab(session, day.wire), rests[job], key_ms, day.root) for session, job in zip(sessions, rests)]
        print("  most %.2f %% (goal: < %g %%); %.0f ms of processor a procedure, workers included" % (100 * max(shares), GOAL, cpu / len(shares)), flush=True)
        return max(shares) * 100 < GOAL


# --- a thousand times ---


def many():
    with Day(1000) as day:
        use(day.root, day.site, ("product.scene",))
        edit(day.root, "plans/products.json", *ONE)
        edit(day.root, "providers/dzine.json", ('"gap_ms": 100', '"gap_ms": 0'))
        for name in ("procedures", "product", "site"):  # what is asked here is not how long it takes
            edit_all(day.root, "sops/dzine/%s.json" % name, ('"ms": 100', '"ms": 10'), ('"ms": 200', '"ms": 10'), ('"poll_ms": 300', '"poll_ms": 50'))
        only(day.root, "product")
        day.site.post("set", {"shown": 6, "credits": 10 ** 6})
        day.root.start()
        made, drops, marks = 0, 0, sorted({n for n in (10, 50, 100, 250, 500, 1000, RUNS) if n <= RUNS})
        print("The product picture, %d times in one daemon: resident MB of the daemon at rest, pages that the browser has open" % RUNS)
        began = time.monotonic()
        for mark in marks:
            while made < mark:  # so many products fit into a list; each has a name of its own, or its picture would be there already
                n = min(50, mark - made)
                rows = [{"rank": i + 1, "name": "Lamp model %d" % (made + i)} for i in range(n)]
                drops += 1
                day.root.drop("p%d.json" % drops, {"video_id": "v%d" % drops, "niche": "desk lamps", "products": rows})
                made += n
            day.root.taken(drops, 120)
            wait(lambda: not day.busy(), 3600, lambda: day.root.rows("select state, count(*) from jobs group by 1"))
            wait(lambda: not day.browser.pages(day.site.base), 20, "own tabs to be closed")
            each = (time.monotonic() - began) / made
            day.root.rest()
            files = len(os.listdir("/proc/%d/fd" % day.root.daemon.pid))
            print("  after %4d  %7.2f MB  %d pages  %d descriptors  %6.2f s each" % (made, day.resident_mb(), len(day.browser.pages()), files, each), flush=True)
        bought = len(day.site.ledger()["jobs"])
        assert bought == RUNS, (bought, RUNS)


if __name__ == "__main__":
    fine = procedures()
    if RUNS:
        many()
    sys.exit(0 if fine else 1)
