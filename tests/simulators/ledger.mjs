// What the simulator was asked and what it took on comes in, sums go out: accepted jobs with what they cost, how often each was
// asked for and fetched, and per window (a model or an endpoint) the most in flight and the smallest gap. It never forgets, so a
// test can add up.
// SPDX-License-Identifier: ISC
import { sha256 } from './picture.mjs';

const MINUTE_MS = 60000;

function newWindow() {
  return {
    submits: 0,
    in_flight: 0,
    max_in_flight: 0,
    min_gap_ms: null,
    max_per_second: 0,
    max_per_minute: 0,
    arrivals: [],
    second: 0,
    minute: 0,
  };
}

// A submit has arrived at `now`: gaps and rates are counted from arrivals, whatever the answer will be.
function arrive(window, now) {
  const last = window.arrivals[window.arrivals.length - 1];
  if (last !== undefined) window.min_gap_ms = Math.min(window.min_gap_ms ?? Infinity, now - last);
  window.arrivals.push(now);
  window.submits++;
  while (window.arrivals[window.second] <= now - 1000) window.second++;
  while (window.arrivals[window.minute] <= now - MINUTE_MS) window.minute++;
  window.max_per_second = Math.max(window.max_per_second, window.arrivals.length - window.second);
  window.max_per_minute = Math.max(window.max_per_minute, window.arrivals.length - window.minute);
}

function enter(window) {
  window.in_flight++;
  window.max_in_flight = Math.max(window.max_in_flight, window.in_flight);
}

const shown = ({ arrivals, second, minute, ...rest }) => ({
  ...rest,
  min_gap_ms: rest.min_gap_ms === null ? null : Math.round(rest.min_gap_ms * 10) / 10,
});

export class Ledger {
  constructor(provider) {
    this.provider = provider;
    this.clear();
  }

  clear() {
    this.started = performance.now();
    this.accepted = [];
    this.running = new Set();
    this.windows = new Map();
    this.all = newWindow();
    this.totals = {
      requests: 0,
      accepted: 0,
      answered: 0,
      finished: 0,
      cost: 0,
      by_role: {},
      by_status: {},
      dropped: 0,
      faults: {},
      notes: {},
    };
  }

  now() {
    return performance.now() - this.started;
  }

  window(name) {
    if (!this.windows.has(name)) this.windows.set(name, newWindow());
    return this.windows.get(name);
  }

  // A request of that role has arrived.
  request(role, windowName) {
    this.totals.requests++;
    this.totals.by_role[role] = (this.totals.by_role[role] ?? 0) + 1;
    if (role !== 'submit') return;
    const now = this.now();
    arrive(this.window(windowName), now);
    arrive(this.all, now);
  }

  // The provider takes a job on: from here it costs. The answer may still be lost.
  accept(call, { id, model, cost = 0, handle = null, ignored = [] }) {
    const entry = {
      n: this.accepted.length + 1,
      id,
      handle,
      model,
      window: call.window,
      method: call.method,
      path: call.path,
      cost,
      currency: 'USD',
      body_sha256: sha256(call.body),
      body_bytes: call.body.length,
      accepted_at_ms: Math.round(this.now()),
      finished_at_ms: null,
      state: 'running',
      answered: false,
      fault: call.fault?.kind ?? null,
      polls: 0,
      results: 0,
      downloads: 0,
      ignored_fields: ignored,
      idempotency_key: call.headers['idempotency-key'] ?? null,
    };
    this.accepted.push(entry);
    this.running.add(entry);
    this.totals.accepted++;
    this.totals.cost = Math.round((this.totals.cost + cost) * 1e6) / 1e6;
    enter(this.window(entry.window));
    enter(this.all);
    return entry;
  }

  finish(entry, state = 'done') {
    if (!this.running.delete(entry)) return;
    entry.finished_at_ms = Math.round(this.now());
    entry.state = state;
    this.totals.finished++;
    this.window(entry.window).in_flight--;
    this.all.in_flight--;
  }

  // The provider takes nothing for it after all.
  refund(entry) {
    this.totals.cost = Math.round((this.totals.cost - entry.cost) * 1e6) / 1e6;
    entry.cost = 0;
  }

  // Something that should not have been seen, counted by name.
  note(name) {
    this.totals.notes[name] = (this.totals.notes[name] ?? 0) + 1;
  }

  // The answer to the submit is on its way whole.
  answered(entry) {
    if (!entry.answered) this.totals.answered++;
    entry.answered = true;
  }

  status(number) {
    this.totals.by_status[number] = (this.totals.by_status[number] ?? 0) + 1;
  }

  fault(kind) {
    this.totals.faults[kind] = (this.totals.faults[kind] ?? 0) + 1;
  }

  report(brief, from) {
    const windows = Object.fromEntries([...this.windows].map(([name, w]) => [name, shown(w)]));
    const report = { provider: this.provider, up_ms: Math.round(this.now()), totals: this.totals, all: shown(this.all), windows };
    return brief ? report : { ...report, arrivals_ms: this.all.arrivals.map(Math.round), accepted: this.accepted.slice(from) };
  }
}
