// The left panel in its forms: text to image, consistent character, image editor. Positions are those a driver of the real page learned.
// SPDX-License-Identifier: ISC
import { element, showDialogs } from './shared.mjs';
import { act } from './canvas.mjs';

const models = ['Seedream 4.5', 'Seedream 5.0', 'Nano Banana Pro', 'Dzine General', 'Realistic Product', 'Dzine Realistic v3', 'Z-Image Turbo'];
const at = (made, top) => {
  made.style.top = `${top - 56}px`;
  return made;
};

function header(panel, text) {
  panel.append(element('div', 'gen-config-header', text));
}

function prompt(panel, top, height) {
  const box = at(element('textarea', 'prompt'), top);
  box.style.height = `${height}px`;
  box.maxLength = 1800;
  panel.append(box);
  return box;
}

function stylePicker(site, button) {
  document.querySelector('.picker')?.remove();
  const picker = element('div', 'picker');
  for (const model of models) {
    const card = element('div', 'style-card');
    card.append(element('div', 'style-name', model));
    card.addEventListener('click', () => {
      site.model = model;
      button.textContent = model;
    });
    picker.append(card);
  }
  document.body.append(picker);
  const close = (event) => {
    if (event.key !== 'Escape') return;
    picker.remove();
    document.removeEventListener('keydown', close);
  };
  document.addEventListener('keydown', close);
}

function ratios(site, panel, top, names) {
  const row = at(element('div', 'c-aspect-ratio'), top);
  for (const name of names) {
    const item = element('button', `item ${name === 'canvas' ? 'canvas' : ''}`, name);
    item.addEventListener('click', () => {
      site.ratio = name;
      for (const other of row.children) other.classList.toggle('on', other === item);
    });
    row.append(item);
  }
  panel.append(row);
}

function outputs(site, panel, top) {
  const row = at(element('div', 'outputs'), top);
  for (const n of [1, 2, 4]) {
    const item = element('button', n === site.outputs ? 'on' : '', n === 1 ? '1 output' : `${n} outputs`);
    item.addEventListener('click', () => {
      site.outputs = n;
      for (const other of row.children) other.classList.toggle('on', other === item);
    });
    row.append(item);
  }
  panel.append(row);
}

// Generate may be disabled for a while, covered by something that asks or that only passes, move, dodge the pointer, or stand beside others of
// the same words.
function generate(site, panel, top, text, wish) {
  if (site.trouble('duplicate_buttons')) twins(panel);
  const button = at(element('button', 'generate', text), top);
  const disabled = site.trouble('generate_disabled');
  if (disabled) {
    button.disabled = true;
    setTimeout(() => (button.disabled = false), disabled.ms ?? 1500);
  }
  if (site.trouble('generate_covered')) showDialogs([{ text: 'Rate this result', button: 'Later' }]);
  const banner = site.trouble('generate_banner');
  if (banner) passing(banner.ms ?? 1500);
  button.addEventListener('click', () => (site.trouble('hang_at_click') ? hang(site, wish()) : act(wish())));
  panel.append(button);
  const moving = site.trouble('generate_moves');
  if (moving) wander(button, top, performance.now() + (moving.ms ?? 1500));
  if (site.trouble('generate_dodges')) dodge(site, panel, button, top);
}

// What is asked for is asked for, and then the page's script never ends.
function hang(site, wish) {
  const ask = new XMLHttpRequest();
  ask.open('POST', '/api/act', false);
  ask.send(JSON.stringify({ project: site.id, ...wish }));
  for (;;);
}

// Two that nobody sees, and one at the other end of the page that costs more.
function twins(panel) {
  const dear = element('button', 'dear twin', 'Generate');
  dear.addEventListener('click', () => act({ kind: 'sheet', prompt: 'not wanted' }));
  document.querySelector('.twin')?.remove();
  panel.append(element('button', 'unseen', 'Generate'), element('button', 'gone', 'Generate'));
  document.body.append(dear);
}

function passing(ms) {
  const banner = element('div', 'banner', 'Saving your work...');
  document.body.append(banner);
  setTimeout(() => banner.remove(), ms);
}

function wander(button, top, until) {
  const now = performance.now();
  at(button, now < until ? top - 60 + 60 * Math.sin(now / 90) : top);
  if (now < until) requestAnimationFrame(() => wander(button, top, until));
}

// The moment the button is pressed, the page grows above it, and what costs more stands under the pointer.
function dodge(site, panel, button, top) {
  const away = (event) => {
    if (event.target !== button) return;
    document.removeEventListener('pointermove', away, true);
    const dear = at(element('button', 'generate dear', 'Upgrade'), top);
    dear.addEventListener('click', () => act({ kind: 'sheet', prompt: 'not wanted' }));
    setTimeout(() => {
      at(button, top - 60);
      panel.append(dear);
    }, site.dodgeMs ?? 0);
  };
  document.addEventListener('pointermove', away, true);
}

// Takes a picture from the disk as an ingredient.
function slot(site, show) {
  const add = element('button', 'add', '+');
  add.addEventListener('click', () => {
    const input = element('input');
    input.type = 'file';
    input.addEventListener('change', async () => {
      const file = input.files[0];
      const up = await (await fetch(`/api/upload?name=${encodeURIComponent(file.name)}`, { method: 'POST', body: file })).json();
      site.ingredients.push(up.id);
      show(URL.createObjectURL(file));
    });
    input.click();
  });
  return add;
}

function ingredients(site, panel, top) {
  const row = at(element('div', 'ingredients'), top);
  const show = (src) => {
    const picture = element('img');
    picture.src = src;
    row.append(picture);
  };
  site.ingredients.forEach(show);
  if (!site.trouble('no_slot')) row.append(slot(site, show));
  panel.append(row);
}

function txt2img(site, panel) {
  header(panel, 'Text to Image');
  const box = prompt(panel, 120, 180);
  box.value = site.text ?? '';
  box.addEventListener('input', () => (site.text = box.value));
  ingredients(site, panel, 310);
  const style = at(element('button', 'style', site.model), 360);
  style.addEventListener('click', () => stylePicker(site, style));
  panel.append(style);
  ratios(site, panel, 420, ['canvas', '16:9', '1:1', '9:16', '4:3']);
  outputs(site, panel, 470);
  generate(site, panel, 760, `Generate ${site.outputs === 2 ? 20 : 4}`, () => ({
    kind: site.outputs === 2 ? 'sheet' : 'txt2img', prompt: box.value, model: site.model, ratio: site.ratio, ingredients: site.ingredients,
  }));
}

function img2img(site, panel) {
  header(panel, 'Image to Image');
  prompt(panel, 200, 120);
}

// The character panel begins with cards; the one for pictures leads to its form.
function characterCards(site, panel) {
  header(panel, 'Character');
  const train = at(element('div', 'card', 'Build Your Character'), 130);
  const card = at(element('div', 'card', 'Generate Images'), 190);
  card.title = 'With your character';
  card.addEventListener('click', () => {
    site.panel = 'character_form';
    panels(site, panel);
  });
  panel.append(train, card);
}

function characterForm(site, panel) {
  header(panel, 'Consistent Character');
  const list = element('div', 'c-character-list');
  for (const name of site.state.characters) {
    const item = element('div', 'item', name);
    item.addEventListener('click', () => {
      site.character = name;
      chosen.textContent = name;
    });
    list.append(item);
  }
  const chosen = at(element('div', 'chosen', site.character ?? 'choose a character'), 96);
  chosen.style.position = 'absolute';
  const box = prompt(panel, 150, 150);
  panel.append(list, chosen);
  reference(site, panel);
  ratios(site, panel, 560, ['canvas', '1:1', '9:16']);
  generate(site, panel, 780, 'Generate 4', () => ({
    kind: 'character', prompt: box.value, ratio: site.ratio, character: site.character, reference: site.reference,
  }));
}

function reference(site, panel) {
  const tab = at(element('button', 'reference-tab', 'Reference'), 430);
  tab.style.position = 'absolute';
  const row = at(element('div', 'pick-row gone'), 460);
  row.style.position = 'absolute';
  row.innerHTML = '<div class="image empty"></div><button class="pick-image">Pick Image</button><button class="ico-trash">x</button>';
  tab.addEventListener('click', () => row.classList.remove('gone'));
  row.querySelector('.ico-trash').addEventListener('click', () => {
    site.reference = null;
    row.querySelector('.image').classList.add('empty');
  });
  row.querySelector('.pick-image').addEventListener('click', () => {
    const dialog = element('div', 'pick-panel');
    dialog.innerHTML = '<h3>Pick Image</h3><button class="upload">Upload</button>';
    dialog.querySelector('.upload').addEventListener('click', () => {
      const input = element('input');
      input.type = 'file';
      input.addEventListener('change', async () => {
        const file = input.files[0];
        const up = await (await fetch(`/api/upload?name=${encodeURIComponent(file.name)}`, { method: 'POST', body: file })).json();
        site.reference = up.id;
        row.querySelector('.image').classList.remove('empty');
        dialog.remove();
      });
      input.click();
    });
    document.body.append(dialog);
  });
  panel.append(tab, row);
}

function editor(site, panel) {
  header(panel, 'Image Editor');
  const expand = at(element('div', 'card', 'Expand'), 90);
  expand.addEventListener('click', () => {
    document.querySelector('.collapse-panel')?.remove();
    const form = element('div', 'collapse-panel');
    panel.append(form);
    ratios(site, form, 66, ['1:1', '16:9', '9:16']);
    const box = prompt(form, 110, 90);
    box.style.left = '0';
    const button = element('button', 'generate', 'Generate 8');
    button.style.top = '201px';
    button.style.left = '0';
    button.addEventListener('click', () => act({ kind: 'expand', prompt: box.value, ratio: site.ratio === '16:9' ? 'canvas' : site.ratio }));
    form.append(button);
  });
  panel.append(expand, element('button', 'unseen', 'Generate'));
}

const forms = { txt2img, img2img, character: characterCards, character_form: characterForm, editor };

export function panels(site, panel) {
  panel.innerHTML = '';
  site.ratio = null;
  (forms[site.panel] ?? ((_, it) => header(it, 'Assets')))(site, panel);
}
