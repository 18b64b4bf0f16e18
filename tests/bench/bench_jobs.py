#!/usr/bin/env python3
"""Paid jobs over HTTP, each submitted, polled, fetched, checked, stored and filed by the real daemon, beside a plain asyncio runner that
only fetches and renames; the same engine, in the same run. BENCH_JOBS (2000). The daemon's own processor time is told apart from that of
its workers, which decode every picture whole; the runner decodes nothing."""
import json
import os
import shutil
import sqlite3
import subprocess
import sys
import tempfile
import time

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, os.path.join(HERE, "..", "flow"))
from harness import Root  # noqa: E402

JOBS = int(os.environ.get("BENCH_JOBS", "2000"))
A_DROP = 100
TICK = os.sysconf("SC_CLK_TCK")
PROVIDER = {
    "about": "A quick engine", "title": "the desk", "carrier": "http", "private": True, "attempts": 2, "seconds": 1,
    "limits": {"at_once": 2000}, "ops": {"product.scene": {}}, "models": {"desk": {"price": 0.01}},
    "steps": {
        "submit": {"url": "{base}/submit", "method": "POST", "body": {"prompt": {"from": "prompt"}, "seed": {"from": "seed"}}, "reply": {"id": "/id"}},
        "poll": {"url": "{base}/status/{reply.id}", "first_ms": 1, "most_ms": 1,
                 "answers": [{"at": "/done", "is": False, "class": "pending"}, {"at": "/done", "is": True, "class": "ok"}]},
        "result": {"url": "{base}/result/{reply.id}", "results": [{"each": "/url"}]},
    },
}


class Desk:
    def __init__(self, latency, picture):
        self.process = subprocess.Popen(["node", os.path.join(HERE, "desk.mjs"), str(latency), picture], stdout=subprocess.PIPE)
        self.url = "http://127.0.0.1:%d" % int(self.process.stdout.readline())

    def __enter__(self):
        return self

    def __exit__(self, *why):
        self.process.kill()
        self.process.wait()


class Jobs(Root):
    def __init__(self, url):
        money = {"cap_drop": 1000, "cap_day": 1000, "approve_above": 1000}
        super().__init__(policy={"money": money}, env={"no_proxy": "*"})
        self.leave_ungated("desk")  # which draws one picture for all
        with open(os.path.join(self.rules, "providers", "desk.json"), "w") as f:
            json.dump(dict(PROVIDER, base=url), f)
        self.one_picture_a_product("desk", "desk")

    def done(self):
        try:
            db = sqlite3.connect("file:%s?mode=ro" % self.path(".slated", "slated.db"), uri=True, timeout=10)
            n = db.execute("SELECT COUNT(*) FROM jobs WHERE state = 'done'").fetchone()[0]
            db.close()
            return n
        except sqlite3.OperationalError:
            return 0


def cpu_of(pid):
    fields = open("/proc/%d/stat" % pid).read().rsplit(")", 1)[1].split()
    return (int(fields[11]) + int(fields[12])) / TICK


def workers_of(pid):
    return [int(c) for c in open("/proc/%d/task/%d/children" % (pid, pid)).read().split()]


def peak_of(pid):
    return next(int(line.split()[1]) / 1024 for line in open("/proc/%d/status" % pid) if line.startswith("VmHWM"))


def run_daemon(url):
    with Jobs(url) as r:
        r.start()
        began = time.monotonic()
        for at in range(0, JOBS, A_DROP):
            r.drop("p%05d.json" % at, {"video_id": "v%05d" % at, "niche": "desk lamps", "products": [
                {"rank": i + 1, "name": "Lamp %d of %d" % (i + 1, at)} for i in range(min(A_DROP, JOBS - at))]})
        while r.done() < JOBS:
            time.sleep(0.25)
            if time.monotonic() - began > 900 or r.daemon.poll() is not None:
                raise SystemExit("the daemon made %d of %d:\n%s" % (r.done(), JOBS, open(r.log).read()[-2000:]))
        took, pid = time.monotonic() - began, r.daemon.pid
        return {"seconds": took, "cpu": cpu_of(pid), "workers": sum(cpu_of(w) for w in workers_of(pid)), "peak_mb": peak_of(pid)}


def peer_python():
    """The first Python that has aiohttp, or the one that runs this."""
    for python in (sys.executable, "/usr/bin/python3"):
        if subprocess.run([python, "-c", "import aiohttp"], capture_output=True).returncode == 0:
            return python
    return sys.executable


def run_peer(url):
    folder = tempfile.mkdtemp()
    try:
        out = subprocess.run([peer_python(), os.path.join(HERE, "peer_aiohttp.py"), url, str(JOBS), "2000", folder], capture_output=True, text=True)
        return json.loads(out.stdout) if out.returncode == 0 else None
    finally:
        shutil.rmtree(folder)


def line(name, f):
    print("  %-28s %7.0f jobs/s   %6.2f ms of processor a job   %6.0f MB at most%s" % (
        name, JOBS / f["seconds"], 1000 * f["cpu"] / JOBS, f["peak_mb"],
        "   workers %.2f ms" % (1000 * f["workers"] / JOBS) if "workers" in f else ""))


def main():
    picture = os.path.join(tempfile.mkdtemp(), "p.png")
    subprocess.run(["ffmpeg", "-v", "error", "-f", "lavfi", "-i", "testsrc=s=512x512", "-frames:v", "1", picture], check=True)
    print("%d paid jobs at once, a picture of %d KB each" % (JOBS, os.path.getsize(picture) // 1024))
    for latency in (0, 50):
        print("%d ms of latency" % latency)
        with Desk(latency, picture) as desk:
            ours = run_daemon(desk.url)
        with Desk(latency, picture) as desk:
            peer = run_peer(desk.url)
        line("slated, durable", ours)
        if peer:
            line("asyncio and aiohttp", peer)
            print("  ratio of processor time: %.1f (goal 5)" % (peer["cpu"] / ours["cpu"]))
        else:
            print("  no peer: python3-aiohttp is not installed")


main()
