// The studio behind the pages: projects, jobs that take their time, results, credits, and trouble that a test asks for.
// In: acts of the page as values. Out: states as values. It draws nothing and knows no HTTP.
// SPDX-License-Identifier: ISC

// What the site sells: credits, seconds, pictures a run, and the word in the result's address.
const acts = {
  txt2img: { credits: 4, seconds: 30, results: 1, ext: 'png' },
  sheet: { credits: 20, seconds: 40, results: 2, ext: 'png' },
  character: { credits: 4, seconds: 40, results: 2, ext: 'webp', word: 'characterchatfal' },
  expand: { credits: 8, seconds: 75, results: 4, ext: 'webp', word: 'expand' },
  upscale: { credits: 4, seconds: 25, results: 1, ext: 'png', word: 'enhance' },
  bgremove: { credits: 0, seconds: 11, results: 0 },
};
const sizes = { canvas: [1536, 864], '16:9': [2720, 1530], '1:1': [2048, 2048], '9:16': [864, 1536], '4:3': [1536, 1152] };
const geminiModels = ['Nano Banana Pro'];

export class Studio {
  constructor({ speed }) {
    this.speed = speed;
    this.loggedIn = true;
    this.lag = 0; // so many ms pass before a download by a button begins
    this.sluggish = 0; // so many ms pass before a canvas knows what is on it
    this.credits = 10000;
    this.prices = {}; // of kinds that have become dearer or cheaper than the page says
    this.plan = 'Master plan';
    this.language = 'en';
    this.shown = Infinity; // so many of a project's results are on its page, newest first
    this.characters = ['Host', 'Guest', 'Robot'];
    this.projects = new Map();
    this.uploads = new Map();
    this.jobs = [];
    this.trouble = [];
    this.events = [];
    this.downloads = [];
    this.nextId = 19797967;
    this.project(this.nextId++);
  }

  project(id) {
    if (!this.projects.has(id)) this.projects.set(id, { id, results: [], jobs: [], filled: true, cut: false, picture: null });
    return this.projects.get(id);
  }

  // "Start from an image": a new project each time; such a picture does not fill its canvas.
  newProject(bytes) {
    const project = this.project(this.nextId++);
    project.picture = { bytes: bytes.length };
    project.filled = false;
    return project.id;
  }

  upload(bytes, name) {
    const id = `up${this.uploads.size + 1}`;
    this.uploads.set(id, { id, name, bytes: bytes.length });
    return { id };
  }

  // --- trouble: {kind, count, when, ...} is handed to the page, or used here, count times ---

  addTrouble(list) {
    for (const one of [].concat(list)) this.trouble.push({ count: 1, ...one });
  }

  // What stalls is given up by the site as well.
  peace() {
    this.trouble = [];
    for (const project of this.projects.values()) project.jobs = project.jobs.filter((job) => !job.stalled);
  }

  take(kind) {
    const one = this.trouble.find((t) => t.kind === kind && t.count > 0);
    if (one) one.count--;
    return one;
  }

  // --- what a page sees ---

  state(id, asker) {
    const project = this.project(id);
    this.finishDue();
    if (this.take('login_lost')) this.loggedIn = false;
    const trouble = asker ? this.trouble.filter((t) => t.page && t.count > 0) : [];
    for (const t of trouble) t.count--;
    return {
      credits: this.credits, plan: this.plan, language: this.language, characters: this.characters, speed: this.speed,
      filled: project.filled, cut: project.cut, picture: project.picture !== null, trouble,
      results: project.results.slice(0, this.shown), jobs: project.jobs.map((job) => ({ id: job.id, kind: job.kind, percent: this.percent(job) })),
    };
  }

  percent(job) {
    const done = (Date.now() - job.begun) / job.ms;
    return Math.min(99, Math.round((job.kind === 'upscale' ? 43 : 0) + done * (job.kind === 'upscale' ? 57 : 100)));
  }

  // --- acts that cost ---

  act(wish) {
    const kind = acts[wish.kind];
    const project = this.project(wish.project);
    if (!kind) return { error: 'unknown act' };
    if (wish.kind !== 'bgremove' && !project.filled) return { error: 'not filling', dialog: 'fill' };
    const price = this.prices[wish.kind] ?? kind.credits;
    if (this.credits < price) return { error: 'Not enough credits' };
    if (this.take('login_lost_at_click')) {
      this.loggedIn = false;
      return { error: 'signed out' };
    }
    this.credits -= price;
    if (this.take('login_lost_after_click')) this.loggedIn = false;
    const seconds = (this.take('slow_job')?.seconds ?? kind.seconds) / this.speed;
    const job = {
      id: this.jobs.length + 1, kind: wish.kind, wish, credits: price, begun: Date.now(), ms: seconds * 1000,
      stalled: Boolean(kind.results && this.take('stall')), lost: Boolean(kind.results && this.take('charge_without_result')), results: [],
    };
    this.jobs.push(job);
    project.jobs.push(job);
    if (kind.results && this.take('wrong_first'))
      project.results.unshift(this.result(project, { id: 'other', kind: 'expand', wish: { prompt: 'somebody else' } }, acts.expand, 0));
    return { id: job.id };
  }

  fill(id) {
    this.project(id).filled = true;
  }

  finishDue() {
    for (const project of this.projects.values())
      for (const job of [...project.jobs])
        if (!job.stalled && Date.now() - job.begun >= job.ms) this.finish(project, job);
  }

  finish(project, job) {
    const kind = acts[job.kind];
    project.jobs = project.jobs.filter((other) => other !== job);
    if (job.kind === 'bgremove') {
      project.cut = true;
      project.filled = project.picture === null;
      return;
    }
    if (job.lost) return;
    for (let n = 0; n < kind.results; n++) {
      const result = this.result(project, job, kind, n);
      job.results.push(result.path);
      project.results.unshift(result);
    }
  }

  result(project, job, kind, n) {
    const word = this.take('other_word') ? 'newmodel2image' : kind.word ?? (geminiModels.includes(job.wish.model) ? 'gemini2text2image' : 'faltxt2img');
    const [width, height] = job.kind === 'upscale' ? [2304, 1296] : sizes[job.wish.ratio] ?? sizes.canvas;
    const path = `${project.id}/${word}/${job.id}_${n}_${Date.now()}.${kind.ext}`;
    return {
      path, src: `/static.dzine.ai/stylar_product/p/${path}`, ext: kind.ext, width, height, job: job.id, n, ...this.smallFor(),
      calm: this.trouble.some((t) => t.kind === 'calm' && t.n === n),
      seed: `${job.kind}|${job.wish.prompt}|${job.wish.model ?? ''}|${job.id}|${n}`,
    };
  }

  // So many downloads of it that give 900 bytes of a page that says no; only: those that are made in this way.
  smallFor() {
    const trouble = this.take('small_result');
    return { small: trouble ? (trouble.downloads ?? Infinity) : 0, only: trouble?.only };
  }

  resultAt(path) {
    for (const project of this.projects.values())
      for (const result of project.results) if (result.path === path) return result;
    return null;
  }

  // Whether this download gives the picture. how: by its 'address', or by the button of its 'preview' or of 'export'.
  downloaded(result, shown, how) {
    const whole = result.small <= 0 || Boolean(result.only && !result.only.includes(how));
    if (!shown) {
      this.downloads.push({ path: result.path, at: Date.now(), whole, how });
      if (!whole) result.small--;
    }
    return whole;
  }

  note(events) {
    this.events.push(...events);
    if (this.events.length > 20000) this.events.splice(0, this.events.length - 20000);
    for (const event of events) if (event.type === 'fill') this.fill(event.project);
  }

  // What a test reads: every act with its price, what came of it, and how the pages were driven.
  ledger() {
    this.finishDue();
    return {
      credits: this.credits, spent: this.jobs.reduce((sum, job) => sum + job.credits, 0),
      jobs: this.jobs.map(({ id, kind, wish, credits, results, stalled, lost }) => ({ id, kind, wish, credits, results, stalled, lost })),
      downloads: this.downloads, events: this.events, uploads: [...this.uploads.values()], projects: [...this.projects.keys()],
    };
  }
}
