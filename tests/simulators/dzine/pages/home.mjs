// The home page: a project is begun empty, or from a picture that the file chooser gives.
// SPDX-License-Identifier: ISC
import { report, showDialogs } from './shared.mjs';

const state = await (await fetch('/api/state?id=0&page=home')).json();
document.querySelector('.credits').textContent = state.credits;
document.querySelector('.plan').textContent = state.plan;
showDialogs(state.trouble.filter((t) => t.kind === 'dialog'));
report(0);

document.getElementById('from').addEventListener('click', () => {
  const input = document.createElement('input');
  input.type = 'file';
  input.accept = 'image/*';
  input.addEventListener('change', async () => {
    const project = await (await fetch('/api/project', { method: 'POST', body: input.files[0] })).json();
    location.href = `/canvas?id=${project.id}`;
  });
  input.click();
});
document.getElementById('empty').addEventListener('click', async () => {
  const project = await (await fetch('/api/project', { method: 'POST', body: '' })).json();
  location.href = `/canvas?id=${project.id}`;
});
