#!/usr/bin/env python3
"""An engine that says with each answer how many more it takes is never asked for more: the "too many" does not come, everything is made, and
`slated providers` shows what is left."""
# SPDX-License-Identifier: ISC
import time

from harness import main, products, wait
from test_lookup import Desk, DeskRoot, Handler

TOLD = {"left": "x-left", "of": "x-of", "reset": "x-reset", "unit": "span"}


class Counter(Desk):
    """Takes `of` in each `reset_s`, all at once again or one by one, says so, and refuses what is too many."""

    def __init__(self, of, reset_s, steady):
        super().__init__()
        self.of, self.reset_s, self.steady = of, reset_s, steady
        self.left, self.at, self.refused = float(of), 0.0, 0
        self.RequestHandlerClass = CounterHandler

    def take(self):
        now = time.monotonic()
        if self.steady:
            self.left = min(self.of, self.left + (now - self.at) * self.of / self.reset_s)
            self.at = now
        elif now - self.at >= self.reset_s:
            self.left, self.at = float(self.of), now
        if self.left < 1:
            self.refused += 1
            return False
        self.left -= 1
        return True

    def whole_in(self):
        now = time.monotonic()
        return (self.of - self.left) * self.reset_s / self.of if self.steady else self.at + self.reset_s - now


class CounterHandler(Handler):
    def do_POST(self):
        with self.server.lock:
            self.taken = self.server.take()
            self.told = {"x-left": str(int(self.server.left)), "x-of": str(self.server.of), "x-reset": "%.3fs" % max(0.001, self.server.whole_in())}
        if self.taken:
            return super().do_POST()
        self.rfile.read(int(self.headers["Content-Length"]))
        self.answer({"error": "too many"}, 429)

    def end_headers(self):
        for name, value in getattr(self, "told", {}).items():
            self.send_header(name, value)
        super().end_headers()


def run(steady, told=True):
    desk = Counter(5, 4.0, steady)
    try:
        limits = {"at_once": 2, "told": [dict(TOLD, steady=steady)]} if told else {"at_once": 2}
        with DeskRoot(desk, limits=limits) as r:
            r.one_picture_a_product("desk", "desk")
            r.drop("products.json", products(14))
            began = time.monotonic()
            r.start()
            shown = wait(lambda: [line for line in r.cli("providers").stdout.splitlines() if "left, by its own word" in line], 20, "word of what is left") if told else None
            r.ended(seconds=60)
            assert not told or "last trouble" not in r.cli("providers").stdout, "all was made"
            assert r.rows("SELECT state, COUNT(*) FROM jobs GROUP BY state") == [("done", 14)] and len(desk.jobs) == 14
            return desk.refused, time.monotonic() - began, shown
    finally:
        desk.shutdown()
        desk.server_close()


def test_no_more_are_sent_than_a_window_has_left():
    refused, seconds, shown = run(steady=False)
    assert refused == 0, refused
    assert seconds >= 7, seconds  # fourteen at five in four seconds
    assert "of 5 it has" in shown[0], shown


def test_no_more_are_sent_than_come_back_one_by_one():
    refused, seconds, shown = run(steady=True)
    assert refused == 0, refused
    assert seconds >= 6, seconds
    assert "of 5 it has" in shown[0], shown


def test_without_the_word_the_same_engine_has_to_refuse():
    assert run(steady=False, told=False)[0] > 0


if __name__ == "__main__":
    main([v for k, v in sorted(globals().items()) if k.startswith("test_")])
