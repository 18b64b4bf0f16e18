"""What people write themselves: asyncio and aiohttp, so many at once; "plain" without a store, "kept" with intent, id and end of each job
as rows that are synced. Usage: peer_aiohttp.py URL JOBS AT_ONCE FOLDER plain|kept"""
import asyncio
import hashlib
import json
import os
import resource
import sqlite3
import sys
import time

import aiohttp

url, jobs, at_once, folder, kept = sys.argv[1], int(sys.argv[2]), int(sys.argv[3]), sys.argv[4], sys.argv[5] == "kept"
ledger = sqlite3.connect(os.path.join(folder, "ledger.db"), isolation_level=None) if kept else None
if kept:
    ledger.executescript("PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL;"
                         "CREATE TABLE jobs (id INTEGER PRIMARY KEY, state TEXT, remote TEXT, price REAL, sha256 TEXT)")


def keep(sql, *values):
    if kept:
        ledger.execute(sql, values)


async def one(session, gate, i):
    async with gate:
        keep("INSERT INTO jobs VALUES (?, 'submitting', NULL, 0.01, NULL)", i)
        async with session.post(url + "/submit", json={"prompt": "a harbour at dawn, number %d" % i, "seed": i}) as r:
            id_ = (await r.json())["id"]
        keep("UPDATE jobs SET state = 'submitted', remote = ? WHERE id = ?", id_, i)
        done = False
        while not done:
            async with session.get(url + "/status/" + id_) as r:
                done = (await r.json())["done"]
        async with session.get(url + "/result/" + id_) as r:
            picture = (await r.json())["url"]
        async with session.get(picture) as r:
            data = await r.read()
        part = os.path.join(folder, ".%d.part" % i)
        with open(part, "wb") as f:
            f.write(data)
            if kept:
                f.flush()
                os.fsync(f.fileno())
        os.replace(part, os.path.join(folder, "%d.png" % i))
        keep("UPDATE jobs SET state = 'done', sha256 = ? WHERE id = ?", hashlib.sha256(data).hexdigest() if kept else None, i)


async def main():
    gate = asyncio.Semaphore(at_once)
    async with aiohttp.ClientSession(connector=aiohttp.TCPConnector(limit=at_once)) as session:
        began = time.monotonic()
        await asyncio.gather(*(one(session, gate, i) for i in range(jobs)))
        return time.monotonic() - began

took = asyncio.run(main())
used = resource.getrusage(resource.RUSAGE_SELF)
print(json.dumps({"seconds": took, "cpu": used.ru_utime + used.ru_stime, "own": used.ru_utime, "system": used.ru_stime,
                  "peak_mb": used.ru_maxrss / 1024}))
