// The canvas: asks the studio for its state a few times a second, shows panels, results and trouble, and sends what is generated.
// SPDX-License-Identifier: ISC
import { element, report, showDialogs, wait } from './shared.mjs';
import { panels } from './panels.mjs';
import { showResults } from './results.mjs';

const id = Number(new URL(location.href).searchParams.get('id'));
const send = report(id);
const site = {
  id, state: null, panel: null, tool: null, model: 'Dzine General', ratio: null, outputs: 1, ingredients: [], reference: null, character: null,
  pending: new Map(),
  trouble: (kind) => {
    const one = site.pending.get(kind)?.shift();
    return one;
  },
};
window.site = undefined; // nothing of this is for a driver

async function ask(first) {
  const answer = await fetch(`/api/state?id=${id}&page=${first ? 'canvas' : 'again'}`);
  if (answer.status === 401) {
    location.href = '/login';
    return;
  }
  site.state = await answer.json();
  for (const one of site.state.trouble) site.pending.set(one.kind, [...(site.pending.get(one.kind) ?? []), one]);
}

function show() {
  document.querySelector('.credits').textContent = site.state.credits;
  document.querySelector('.plan').textContent = site.state.plan;
  const layer = document.querySelector('.layer');
  layer.classList.toggle('gone', !site.state.picture);
  layer.classList.toggle('cut', site.state.cut);
  if (!document.querySelector('.holds')) showResults(site);
  overlay(site.state.jobs.some((job) => job.kind === 'bgremove'));
  showDialogs(takeAll('dialog'));
  stop();
}

// What stops a page: the browser's own dialogs, and a script that never ends.
function stop() {
  if (site.trouble('alert')) setTimeout(() => alert('Something went wrong. Try again.'), 10);
  if (site.trouble('confirm')) setTimeout(() => confirm('Buy 1,000 credits?') && send({ type: 'bought', trusted: true }), 10);
  if (site.trouble('prompt')) setTimeout(() => prompt('What do you think of us?'), 10);
  if (site.trouble('leave')) addEventListener('beforeunload', (event) => event.preventDefault());
  if (site.trouble('hang')) for (;;);
}

const takeAll = (kind) => site.pending.get(kind)?.splice(0) ?? [];

let wasCutting = false;
function overlay(cutting) {
  const old = document.querySelector('.overlay');
  if (cutting && !old) {
    const cover = element('div', 'overlay', 'Removing background...');
    document.querySelector('.stage').append(cover);
  }
  if (!cutting) old?.remove();
  if (wasCutting && !cutting && !site.state.filled) fillDialog();
  wasCutting = cutting;
}

// It blocks every generation until it is answered.
export function fillDialog() {
  if (document.querySelector('.fill-dialog')) return;
  const cover = element('div', 'dialog-cover fill-dialog');
  cover.innerHTML = '<div class="dialog"><p>Image Not Filling the Canvas</p><button>Fit to Content and Continue</button></div>';
  cover.querySelector('button').addEventListener('click', () => {
    cover.remove();
    send({ type: 'fill', trusted: true });
    site.state.filled = true;
  });
  document.body.append(cover);
}

export async function act(wish) {
  const before = takeAll('dialog_before');
  showDialogs(before);
  if (before.length) await wait(130);
  const answer = await (await fetch('/api/act', { method: 'POST', body: JSON.stringify({ project: id, ...wish }) })).json();
  showDialogs(takeAll('dialog_after'));
  if (answer.dialog === 'fill') fillDialog();
  else if (answer.error) showDialogs([{ text: answer.error, button: 'Close' }]);
  await ask(false);
  show();
  return answer;
}

// --- the sidebar: one click shows a panel, a tool mode swallows the first ---

async function open(name, asked) {
  if (site.tool) return;
  const slow = asked && site.trouble('slow_panel');
  if (slow) await wait(slow.ms ?? 2500);
  site.panel = name;
  for (const group of document.querySelectorAll('.tool-group')) group.classList.toggle('on', group.dataset.panel === name);
  panels(site, document.querySelector('.panel'));
}

for (const group of document.querySelectorAll('.tool-group')) {
  let swallowed = false;
  group.addEventListener('click', () => {
    if (!swallowed && site.trouble('panel_needs_two')) {
      swallowed = true;
      return;
    }
    open(group.dataset.panel, true);
  });
  group.addEventListener('dblclick', () => open(group.dataset.panel, true));
}

// Tool modes: an exit button, or a back arrow, leads out of them.
for (const button of document.querySelectorAll('[data-tool]'))
  button.addEventListener('click', () => enterTool(button.dataset.tool));
function enterTool(tool) {
  site.tool = tool;
  const panel = document.querySelector('.panel');
  panel.innerHTML = '';
  const leave = element('button', tool === 'expression' ? 'back ico-back' : 'exit', tool === 'expression' ? '←' : 'Exit');
  leave.addEventListener('click', () => {
    site.tool = null;
    open('txt2img');
  });
  panel.append(element('div', 'tool-title', tool === 'expression' ? 'Expression Edit' : 'AI Eraser'), leave);
}
document.querySelector('.bg-remove').addEventListener('click', () => act({ kind: 'bgremove' }));

await ask(true);
if (site.state.picture) showDialogs([{ text: 'Set up your project', button: 'Got it' }]);
await open('assets');
if (site.trouble('tool_mode')) enterTool('expression');
show();
setInterval(async () => {
  await ask(false);
  show();
}, 150);
