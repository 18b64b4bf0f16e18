// Orders for trouble come in (POST /_sim/faults), and for each request the one that meets it goes out. It decides only who is hit
// and when: server.mjs does what concerns connections and bytes, the provider what its dialect says.
// SPDX-License-Identifier: ISC

// Each kind and the roles it meets unless its match names others. `deliver` is a download, or a submit whose answer carries the file.
export const KINDS = {
  delay: ['submit'],
  reset_before_accept: ['submit'],
  reset_after_accept: ['submit'],
  429: ['submit'],
  '429_wait': ['submit'],
  '5xx': ['submit'],
  auth: ['submit'],
  quota: ['submit'],
  refused: ['submit'],
  error_in_200: ['submit'],
  html_error: ['submit'],
  lost_request: ['submit'],
  duplicate_answer: ['submit'],
  duplicate_id: ['submit'],
  failed_job: ['submit'],
  empty_image: ['submit'],
  no_image: ['submit'],
  black_image: ['submit'],
  nsfw: ['submit'],
  wrong_size: ['submit'],
  say: ['submit'],
  shape: ['submit'],
  truncated: ['deliver'],
  wrong_type: ['deliver'],
  redirect: ['deliver'],
  slow_loris: ['deliver'],
};

// A small generator with a seed, so that a run of faults can be run again.
function random(seed) {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let t = Math.imul(state ^ (state >>> 15), state | 1);
    t ^= t + Math.imul(t ^ (t >>> 7), t | 61);
    return ((t ^ (t >>> 14)) >>> 0) / 4294967296;
  };
}

const rolesOf = (call) => (call.route?.inline ? [call.role, 'deliver'] : call.role === 'download' ? ['download', 'deliver'] : [call.role]);

function matches(order, call) {
  const match = order.match ?? {};
  const roles = match.role ? [].concat(match.role) : KINDS[order.kind];
  if (!rolesOf(call).some((role) => roles.includes(role))) return false;
  if (match.path && !`${call.method} ${call.url}`.includes(match.path)) return false;
  if (match.window && call.window !== match.window) return false;
  return !match.body || call.body.includes(match.body);
}

function checked(order) {
  const list = order.random ? (order.random.kinds ?? Object.keys(KINDS)) : [order.kind];
  for (const kind of list)
    if (!Object.hasOwn(KINDS, String(kind))) throw new Error(`no fault is called ${kind}; there are: ${Object.keys(KINDS).join(', ')}`);
  if (typeof order.match === 'string') order.match = { path: order.match };
  const odd = Object.keys(order.match ?? {}).filter((k) => !['role', 'path', 'window', 'body'].includes(k));
  if (odd.length) throw new Error(`a fault's match has no ${odd.join(', ')}; it may have role, path, window, body`);
  return order;
}

export class Faults {
  constructor() {
    this.clear();
  }

  clear() {
    this.orders = [];
  }

  // {kind, match?, count? (1; -1 for ever), after? (requests let by first), ...} or {random: {seed, rate, kinds?}, match?}
  add(order) {
    const orders = [].concat(order).map(checked);
    for (const one of orders)
      this.orders.push({
        ...one,
        kind: one.kind === undefined ? undefined : String(one.kind),
        left: one.count ?? 1,
        skip: one.after ?? 0,
        dice: one.random && random(one.random.seed ?? 1),
      });
    return orders.length;
  }

  // The trouble this request meets, or null. The first order that fits has it.
  pick(call) {
    for (const order of this.orders) {
      const met = order.random ? this.roll(order, call) : this.take(order, call);
      if (met) return met;
    }
    return null;
  }

  take(order, call) {
    if (order.left === 0 || !matches(order, call)) return null;
    if (order.skip > 0) return (order.skip--, null);
    if (order.left > 0) order.left--;
    return order;
  }

  roll(order, call) {
    const kinds = (order.random.kinds ?? Object.keys(KINDS)).map(String).filter((kind) => matches({ kind, match: order.match }, call));
    if (!kinds.length || order.dice() >= (order.random.rate ?? 0.1)) return null;
    return { ...order, kind: kinds[Math.floor(order.dice() * kinds.length)] };
  }
}
