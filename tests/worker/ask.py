#!/usr/bin/env python3
# ask.py WORKER: starts the worker on a socketpair, sends each line of stdin as a request, prints each answer.
# SPDX-License-Identifier: ISC
import os, socket, subprocess, sys

ours, theirs = socket.socketpair()
worker = subprocess.Popen([sys.argv[1], "--fd", str(theirs.fileno())], pass_fds=[theirs.fileno()],
                          stdin=subprocess.DEVNULL)
theirs.close()
answers = ours.makefile("r")
for line in sys.stdin:
    if line.strip():
        ours.sendall(line.strip().encode() + b"\n")
        answer = answers.readline()
        if not answer:
            sys.exit(f"the worker ended with {worker.wait()}")
        print(answer, end="", flush=True)
ours.shutdown(socket.SHUT_WR)
sys.exit(worker.wait())
