// What the pages share: dialogs that get in the way, and a record of how they are driven.
// SPDX-License-Identifier: ISC

// Each dialog covers the page until its button is pressed: "Not now", "Close", "Got it", "Skip", "Later". One that holds shows no result before.
export function showDialogs(list) {
  for (const one of list) {
    const cover = document.createElement('div');
    cover.className = one.holds ? 'dialog-cover holds' : 'dialog-cover';
    cover.innerHTML = '<div class="dialog"><p></p><button></button></div>';
    cover.querySelector('p').textContent = one.text ?? 'Try what is new';
    const button = cover.querySelector('button');
    button.textContent = one.button ?? 'Not now';
    button.addEventListener('click', () => cover.remove());
    document.body.append(cover);
  }
}

// Trusted or not, where, on what, when: a test asks whether a person could have done it so. box: where the element stood at that moment;
// field: the keyboard was in one.
const boxOf = (el) => {
  if (!el?.getBoundingClientRect) return null;
  const { left, top, width, height } = el.getBoundingClientRect();
  return [left, top, width, height];
};
const watched = ['mousemove', 'mousedown', 'mouseup', 'click', 'dblclick', 'focusin', 'keydown', 'keyup', 'input'];
export function report(project) {
  const queue = [];
  const page = Math.random();
  const note = (event) => {
    const el = event.composedPath()[0];
    queue.push({
      type: event.type, trusted: event.isTrusted, x: event.clientX ?? null, y: event.clientY ?? null, key: event.key ?? null,
      on: el?.className?.toString?.() || el?.tagName || '', box: boxOf(el), field: Boolean(document.activeElement?.matches('input,textarea')),
      visible: document.visibilityState === 'visible', focused: document.hasFocus(), size: [innerWidth, innerHeight], at: Date.now(), project, page,
    });
  };
  for (const type of watched) document.addEventListener(type, note, true);
  setInterval(() => {
    if (queue.length) fetch('/api/events', { method: 'POST', body: JSON.stringify(queue.splice(0)) });
  }, 100);
  return (event) => queue.push({ ...event, project, page, at: Date.now() });
}

export const wait = (ms) => new Promise((resolve) => setTimeout(resolve, ms));

export function element(tag, className, text) {
  const made = document.createElement(tag);
  if (className) made.className = className;
  if (text !== undefined) made.textContent = text;
  return made;
}
