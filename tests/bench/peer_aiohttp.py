"""What people write themselves: asyncio and aiohttp, so many at once, no store. Usage: peer_aiohttp.py URL JOBS AT_ONCE FOLDER"""
import asyncio
import json
import os
import resource
import sys
import time

import aiohttp

url, jobs, at_once, folder = sys.argv[1], int(sys.argv[2]), int(sys.argv[3]), sys.argv[4]


async def one(session, gate, i):
    async with gate:
        async with session.post(url + "/submit", json={"prompt": "a harbour at dawn, number %d" % i, "seed": i}) as r:
            id_ = (await r.json())["id"]
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
        os.replace(part, os.path.join(folder, "%d.png" % i))


async def main():
    gate = asyncio.Semaphore(at_once)
    async with aiohttp.ClientSession(connector=aiohttp.TCPConnector(limit=at_once)) as session:
        began = time.monotonic()
        await asyncio.gather(*(one(session, gate, i) for i in range(jobs)))
        return time.monotonic() - began

took = asyncio.run(main())
used = resource.getrusage(resource.RUSAGE_SELF)
print(json.dumps({"seconds": took, "cpu": used.ru_utime + used.ru_stime, "peak_mb": used.ru_maxrss / 1024}))
