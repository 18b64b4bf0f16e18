// The results panel: newest on top, with the action rows of each run under its first picture, and the popup that enhances.
// SPDX-License-Identifier: ISC
import { element } from './shared.mjs';
import { act } from './canvas.mjs';

let shown = '';

export function showResults(site) {
  const now = JSON.stringify([site.state.results.map((r) => r.path), site.state.jobs.map((job) => [job.id, job.kind === 'bgremove' ? 0 : job.percent])]);
  if (now === shown) return;
  shown = now;
  const list = document.querySelector('.results');
  list.innerHTML = '';
  list.style.paddingTop = site.trouble('layout_shift') ? '36px' : '8px';
  for (const job of site.state.jobs) if (job.kind !== 'bgremove') list.append(element('div', 'job', `Generating ${job.percent}%`));
  for (const [index, result] of site.state.results.entries()) {
    const item = element('div', 'result-item');
    const picture = element('img');
    picture.src = result.src;
    picture.addEventListener('click', () => preview(site, result));
    item.append(picture);
    list.append(item);
    const next = site.state.results[index + 1];
    if (!next || next.job !== result.job) actions(site, item, site.state.results.filter((other) => other.job === result.job));
  }
}

function actions(site, item, run) {
  for (const name of ['Variation', 'Image Editor', 'Enhance & Upscale', 'Add To Prompt']) {
    const row = element('div', 'action-row');
    const icon = element('button', 'selected-btn', '+');
    const numbers = element('div', 'btn-container');
    row.append(element('span', 'label', name), icon, numbers);
    run.forEach((result, n) => {
      const button = element('button', 'btn', String(n + 1));
      button.addEventListener('click', () => {
        if (name === 'Enhance & Upscale') popup(result);
        if (name === 'Image Editor') layer(result);
        if (name === 'Add To Prompt') {
          site.ingredients.push(result.src);
          const picture = element('img');
          picture.src = result.src;
          document.querySelector('.ingredients')?.append(picture);
        }
      });
      numbers.append(button);
    });
    item.append(row);
  }
}

const save = (result, how) => {
  const link = element('a');
  link.href = `/download/${result.path}?how=${how}`;
  link.download = `image.${result.ext}`;
  link.click();
};

// A result shown large; it swallows clicks until Escape. The fourth of its buttons downloads it.
function preview(site, result) {
  document.getElementById('result-preview')?.remove();
  const box = element('div');
  box.id = 'result-preview';
  const row = element('div');
  for (const name of ['Like', 'Share', 'Copy', 'Download', 'More']) {
    const button = element('button', '', name);
    if (name === 'Download') button.addEventListener('click', () => site.trouble('preview_broken') || save(result, 'preview'));
    row.append(button);
  }
  const picture = element('img');
  picture.alt = 'large';
  box.append(picture, row);
  document.body.append(box);
  const close = (event) => {
    if (event.key !== 'Escape') return;
    box.remove();
    document.removeEventListener('keydown', close);
  };
  document.addEventListener('keydown', close);
}

// A result that is put on the canvas becomes a layer; an active layer can be exported.
function layer(result) {
  const item = element('div', 'layer-item', 'Layer');
  item.addEventListener('click', () => {
    const button = document.querySelector('button.export');
    button.disabled = false;
    button.onclick = () => exportDialog(result);
  });
  document.querySelector('.layers').prepend(item);
}

function exportDialog(result) {
  document.querySelector('.export-dialog')?.remove();
  const box = element('div', 'export-dialog');
  for (const name of ['PNG', 'JPG', '1x', '2x']) box.append(element('button', '', name));
  const go = element('button', 'go', 'Export');
  go.addEventListener('click', () => {
    save(result, 'export');
    box.remove();
  });
  box.append(go);
  document.body.append(box);
}

function popup(result) {
  document.querySelector('.popup')?.remove();
  const box = element('div', 'popup');
  let scale = '1.5x';
  const group = (names, chosen) => {
    const row = element('div');
    for (const name of names) {
      const button = element('button', name === chosen ? 'on' : '', name);
      button.addEventListener('click', () => {
        if (name.endsWith('x')) scale = name;
      });
      row.append(button);
    }
    box.append(row);
  };
  box.append(element('h3', '', 'Enhance'));
  group(['Precision', 'Creative'], 'Precision');
  group(['1.5x', '2x', '3x', '4x'], '1.5x');
  group(['PNG', 'JPG'], 'PNG');
  const up = element('button', 'up', 'Upscale\n4');
  up.addEventListener('click', () => {
    box.remove();
    act({ kind: 'upscale', prompt: `${scale} of ${result.path}` });
  });
  box.append(up);
  document.body.append(box);
}
