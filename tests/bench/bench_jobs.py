#!/usr/bin/env python3
"""Paid jobs over HTTP by the real daemon, by asyncio runners and by bare libcurl, against the same engine in the same run.
BENCH_JOBS (2000; a quarter with large pictures), BENCH_RUNS (1), BENCH_PICTURE (small,large: 512 pixels, or noise of 1.5 MB).

Each side sends the same five requests a job: submit, two polls, result, picture. What it does beside that:
  slated           reads and plans the drops; intent, money and every step in a store that is synced before anything leaves; a fresh
                   connection for each submit; the picture synced, digested, kept, filed under its name with its prompt; documents, receipts
                   and reports. Its workers, told apart, decode every picture whole.
  asyncio          keeps its connections; writes the picture and renames it. Nothing survives a crash, nothing is checked.
  asyncio, kept    the same with a ledger: intent, id and end as rows in SQLite, synced three times a job, the picture synced and digested.
  floor            one C thread with libcurl and nothing else: a fresh connection for each submit, the picture digested while it comes, synced,
                   renamed. No ledger: what any client with this library needs at least.
The goal is a fifth of the processor time of the plain runner. Python's imports and slated's start are counted in."""
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
RUNS = int(os.environ.get("BENCH_RUNS", "1"))
PICTURES = {"small": ("testsrc=s=512x512", 1), "large": ("nullsrc=s=712x712,geq=random(1)*255:random(2)*255:random(3)*255,format=rgb24", 4)}
FLOOR = os.path.join(os.environ.get("BUILD", os.path.join(HERE, "..", "..", "build")), "bench", "bench_floor")
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
    """(in its own code, in the system's) in seconds."""
    fields = open("/proc/%d/stat" % pid).read().rsplit(")", 1)[1].split()
    return int(fields[11]) / TICK, int(fields[12]) / TICK


def workers_of(pid):
    return [int(c) for c in open("/proc/%d/task/%d/children" % (pid, pid)).read().split()]


def peak_of(pid):
    return next(int(line.split()[1]) / 1024 for line in open("/proc/%d/status" % pid) if line.startswith("VmHWM"))


def run_daemon(url, jobs):
    with Jobs(url) as r:
        r.start()
        began = time.monotonic()
        for at in range(0, jobs, A_DROP):
            r.drop("p%05d.json" % at, {"video_id": "v%05d" % at, "niche": "desk lamps", "products": [
                {"rank": i + 1, "name": "Lamp %d of %d" % (i + 1, at)} for i in range(min(A_DROP, jobs - at))]})
        while r.done() < jobs:
            time.sleep(0.25)
            if time.monotonic() - began > 900 or r.daemon.poll() is not None:
                raise SystemExit("the daemon made %d of %d:\n%s" % (r.done(), jobs, open(r.log).read()[-2000:]))
        took, pid = time.monotonic() - began, r.daemon.pid
        own, system = cpu_of(pid)
        return {"seconds": took, "cpu": own + system, "own": own, "system": system, "workers": sum(sum(cpu_of(w)) for w in workers_of(pid)),
                "peak_mb": peak_of(pid)}


def peer_python():
    """The first Python that has aiohttp, or the one that runs this."""
    for python in (sys.executable, "/usr/bin/python3"):
        if subprocess.run([python, "-c", "import aiohttp"], capture_output=True).returncode == 0:
            return python
    return sys.executable


def run_peer(command):
    """command: all but the folder it may fill, and what comes after that."""
    folder = tempfile.mkdtemp()
    try:
        out = subprocess.run([folder if word is None else word for word in command], capture_output=True, text=True)
        return json.loads(out.stdout) if out.returncode == 0 else None
    finally:
        shutil.rmtree(folder)


def asyncio_runner(how):
    return lambda url, jobs: run_peer([peer_python(), os.path.join(HERE, "peer_aiohttp.py"), url, str(jobs), "2000", None, how])


def run_floor(url, jobs):
    return run_peer([FLOOR, url, str(jobs), "2000", None])


SIDES = (("slated", run_daemon), ("asyncio", asyncio_runner("plain")), ("asyncio, kept", asyncio_runner("kept")), ("floor", run_floor))


def line(name, f, jobs):
    print("  %-16s %6.0f jobs/s   %5.2f ms of processor a job: %.2f own, %.2f system   %4.0f MB at most%s" % (
        name, jobs / f["seconds"], 1000 * f["cpu"] / jobs, 1000 * f["own"] / jobs, 1000 * f["system"] / jobs, f["peak_mb"],
        "   workers %.2f ms" % (1000 * f["workers"] / jobs) if "workers" in f else ""), flush=True)


def run(latency, picture, jobs, ratios):
    found = {}
    for name, how in SIDES:
        with Desk(latency, picture) as desk:
            found[name] = how(desk.url, jobs)
        if found[name]:
            line(name, found[name], jobs)
        else:
            print("  no %s: python3-aiohttp is not installed, or it failed" % name)
    for name, _ in SIDES[1:]:
        if found[name]:
            ratios.setdefault(name, []).append(found[name]["cpu"] / found["slated"]["cpu"])


def table(picture, jobs):
    print("%d paid jobs at once, a picture of %d KB each" % (jobs, os.path.getsize(picture) // 1024))
    for latency in (0, 50):
        ratios = {}
        print("%d ms of latency" % latency)
        for _ in range(RUNS):
            run(latency, picture, jobs, ratios)
        for name, all_ in ratios.items():
            print("  processor time of %s to slated's: %s%s" % (
                name, ", ".join("%.1f" % r for r in sorted(all_)), " (goal 5)" if name == "asyncio" else ""))


def main():
    with tempfile.TemporaryDirectory() as folder:
        for size in os.environ.get("BENCH_PICTURE", "small,large").split(","):
            source, share = PICTURES[size]
            picture = os.path.join(folder, size + ".png")
            subprocess.run(["ffmpeg", "-v", "error", "-f", "lavfi", "-i", source, "-frames:v", "1", picture], check=True)
            table(picture, JOBS // share)


main()
