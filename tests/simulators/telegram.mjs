// The Telegram Bot API, as much as a messenger of news needs: getMe, getUpdates, sendMessage, sendPhoto, sendDocument, sendVideo,
// sendMediaGroup, editMessageText and callbacks, in JSON, urlencoded and multipart with attach://. A token is digits, a colon and
// letters; one with "bad" in it is unknown. Chat 404 does not exist, chat 403 has blocked the bot. Its ledger's accepted are the
// messages sent.
// SPDX-License-Identifier: ISC
import { formOf } from './forms.mjs';
import { sizeOf } from './media.mjs';
import { sha256 } from './picture.mjs';
import { route } from './server.mjs';

const ME = {
  id: 4242,
  is_bot: true,
  first_name: 'slated',
  username: 'slated_sim_bot',
  can_join_groups: true,
  can_read_all_group_messages: false,
  supports_inline_queries: false,
};
const PHOTO_MAX = 10 << 20,
  FILE_MAX = 50 << 20;

const ok = (result) => ({ body: { ok: true, result } });
const refuse = (code, description, parameters) => ({
  status: code,
  body: { ok: false, error_code: code, description, ...(parameters && { parameters }) },
});
const bad = (text) => refuse(400, `Bad Request: ${text}`);

function trouble(kind, call) {
  const seconds = call.fault.seconds ?? 1;
  if (kind === '429' || kind === '429_wait') return refuse(429, `Too Many Requests: retry after ${seconds}`, { retry_after: seconds });
  if (kind === '5xx') return refuse(call.fault.status ?? 502, 'Bad Gateway');
  if (kind === 'auth') return refuse(401, 'Unauthorized');
  if (kind === 'refused') return bad('message is not modified');
  return kind === 'quota' ? refuse(403, 'Forbidden: bot was blocked by the user') : undefined;
}

const valueOf = (value) => {
  if (typeof value !== 'string') return value;
  try {
    return JSON.parse(value);
  } catch {
    return undefined;
  }
};

// --- checks: each throws the answer that says what is wrong ---

function chatOf(fields) {
  const id = fields.chat_id;
  if (id === undefined || id === '') throw bad('chat_id is empty');
  if (String(id) === '404') throw bad('chat not found');
  if (String(id) === '403') throw refuse(403, 'Forbidden: bot was blocked by the user');
  if (!/^(-?\d+|@\w{5,})$/.test(String(id))) throw bad('chat not found');
  return { id: /^@/.test(id) ? 1 : Number(id), type: Number(id) < 0 ? 'supergroup' : 'private' };
}

const TAGS = 'b strong i em u ins s strike del span tg-spoiler a tg-emoji code pre blockquote'.split(' ');

// HTML mode: only the tags it knows, each closed; anything else must be escaped.
function checkHtml(text) {
  const open = [];
  for (const [whole, slash, name] of text.matchAll(/<(\/?)([a-zA-Z-]*)[^>]*>?/g)) {
    if (!TAGS.includes(name.toLowerCase()))
      throw bad(
        `can't parse entities: Unsupported start tag "${name}" at byte offset ${Buffer.byteLength(text.slice(0, text.indexOf(whole)))}`,
      );
    if (!slash) open.push(name);
    else if (open.pop() !== name)
      throw bad(`can't parse entities: Unmatched end tag at byte offset ${Buffer.byteLength(text.slice(0, text.indexOf(whole)))}`);
  }
  if (open.length) throw bad(`can't parse entities: Can't find end tag corresponding to start tag "${open.pop()}"`);
}

function checkText(text, mode, limit, what) {
  if (mode !== undefined && mode !== '' && !['html', 'markdown', 'markdownv2'].includes(String(mode).toLowerCase()))
    throw bad('unsupported parse_mode');
  if (String(mode).toLowerCase() === 'html') checkHtml(text);
  if (text.replace(/<[^>]*>/g, '').length > limit) throw bad(`${what} is too long`);
}

function checkMarkup(fields) {
  if (fields.reply_markup === undefined) return;
  const markup = valueOf(fields.reply_markup);
  if (typeof markup !== 'object' || markup === null) throw bad('object expected as reply markup');
  for (const button of (markup.inline_keyboard ?? []).flat())
    if (!button.text || (button.callback_data !== undefined && Buffer.byteLength(button.callback_data) > 64))
      throw bad('BUTTON_DATA_INVALID');
}

// The file a field means: sent with the request under its name or another's, or named by id or URL.
function fileOf(form, name, value = form.fields[name]) {
  const attached = /^attach:\/\/(.+)$/.exec(typeof value === 'string' ? value : '')?.[1];
  const file = attached ? form.files[attached] : form.files[name];
  if (attached && !file) throw bad(`there is no file "${attached}" in the request`);
  if (file)
    return file.bytes.length
      ? file
      : (() => {
          throw bad('file must be non-empty');
        })();
  if (typeof value !== 'string' || !value) throw bad(`there is no ${name} in the request`);
  if (/^https?:\/\//.test(value)) return null;
  if (!/^[\w-]{20,}$/.test(value)) throw bad('wrong remote file identifier specified: Wrong padding in the string');
  return null;
}

function checkPhoto(file) {
  if (!file) return { width: 90, height: 90 };
  if (file.bytes.length > PHOTO_MAX) throw refuse(413, 'Request Entity Too Large');
  const size = sizeOf(file.bytes);
  if (!size) throw bad('IMAGE_PROCESS_FAILED');
  if (size.width + size.height > 10000 || Math.max(size.width / size.height, size.height / size.width) > 20)
    throw bad('PHOTO_INVALID_DIMENSIONS');
  return size;
}

// --- messages ---

const fileId = (file, more) => ({
  file_id: `AgACAgIAAx${sha256(file?.bytes ?? 'remote').slice(0, 40)}`,
  file_unique_id: sha256(file?.bytes ?? 'remote').slice(0, 15),
  file_size: file?.bytes.length ?? 0,
  ...more,
});

const CONTENT = {
  text: ({ fields }) => {
    if (!fields.text) throw bad('message text is empty');
    checkText(String(fields.text), fields.parse_mode, 4096, 'message');
    return { text: String(fields.text) };
  },
  photo: (form, value) => {
    const file = fileOf(form, 'photo', value),
      size = checkPhoto(file);
    return { photo: [fileId(file, { width: 90, height: 90 }), fileId(file, size)] };
  },
  document: (form, value) =>
    sized(fileOf(form, 'document', value), (file) => ({
      document: fileId(file, { file_name: file?.filename ?? 'file', mime_type: file?.type ?? 'application/octet-stream' }),
    })),
  video: (form, value) =>
    sized(fileOf(form, 'video', value), (file) => ({
      video: fileId(file, { width: 1280, height: 720, duration: 5, mime_type: 'video/mp4' }),
    })),
};

function sized(file, make) {
  if (file && file.bytes.length > FILE_MAX) throw refuse(413, 'Request Entity Too Large');
  return make(file);
}

function captionOf(fields) {
  if (fields.caption === undefined) return {};
  checkText(String(fields.caption), fields.parse_mode, 1024, 'message caption');
  return { caption: String(fields.caption) };
}

class Bot {
  constructor() {
    this.clear();
  }

  clear() {
    this.messages = new Map();
    this.updates = [];
    this.next = 1;
  }

  message(chat, content) {
    const message = {
      message_id: this.next++,
      from: { id: ME.id, is_bot: true, first_name: ME.first_name, username: ME.username },
      chat,
      date: Math.floor(Date.now() / 1000),
      ...content,
    };
    this.messages.set(message.message_id, message);
    return message;
  }

  send(call, form, kind) {
    const chat = chatOf(form.fields),
      content = { ...CONTENT[kind](form), ...(kind === 'text' ? {} : captionOf(form.fields)) };
    checkMarkup(form.fields);
    const message = this.message(chat, content);
    call.accept({ id: String(message.message_id), model: String(chat.id) });
    return ok(message);
  }

  album(call, form) {
    const chat = chatOf(form.fields),
      media = valueOf(form.fields.media);
    if (!Array.isArray(media) || media.length < 2 || media.length > 10) throw bad('media must contain from 2 to 10 items');
    const contents = media.map((item) => {
      if (!CONTENT[item.type] || item.type === 'text') throw bad(`unknown media type "${item.type}"`);
      return { ...CONTENT[item.type](form, item.media), ...captionOf(item) };
    });
    const group = String(Date.now());
    call.accept({ id: group, model: String(chat.id) });
    return ok(contents.map((content) => this.message(chat, { media_group_id: group, ...content })));
  }

  edit(form) {
    const message = this.messages.get(Number(form.fields.message_id));
    if (!message) throw bad('message to edit not found');
    if (message.text === form.fields.text)
      throw bad(
        'message is not modified: specified new message content and reply markup are exactly the same as a current content and reply markup of the message',
      );
    return ok(Object.assign(message, CONTENT.text(form), { edit_date: Math.floor(Date.now() / 1000) }));
  }

  // A test lets a person press a button: POST /_sim/press {chat_id, message_id, data}
  press({ chat_id = 1, message_id = 1, data = '' }) {
    const update_id = this.updates.length + 1;
    this.updates.push({
      update_id,
      callback_query: {
        id: String(update_id),
        from: { id: chat_id, is_bot: false, first_name: 'Person' },
        message: this.messages.get(message_id),
        chat_instance: '1',
        data,
      },
    });
    return { update_id };
  }

  poll(fields) {
    const from = Number(fields.offset ?? 0);
    return ok(this.updates.filter((u) => u.update_id >= from).slice(0, Number(fields.limit ?? 100)));
  }
}

const METHODS = {
  getme: () => ok(ME),
  sendmessage: (bot, call, form) => bot.send(call, form, 'text'),
  sendphoto: (bot, call, form) => bot.send(call, form, 'photo'),
  senddocument: (bot, call, form) => bot.send(call, form, 'document'),
  sendvideo: (bot, call, form) => bot.send(call, form, 'video'),
  sendmediagroup: (bot, call, form) => bot.album(call, form),
  editmessagetext: (bot, call, form) => bot.edit(form),
  getupdates: (bot, call, form) => bot.poll(form.fields),
  answercallbackquery: () => ok(true),
  deletewebhook: () => ok(true),
  sendchataction: () => ok(true),
  getchat: (bot, call, form) => ok(chatOf(form.fields)),
};

function method(bot, call) {
  const [token, name] = call.params;
  if (!/^\d+:[\w-]+$/.test(token)) return refuse(404, 'Not Found');
  if (token.includes('bad')) return refuse(401, 'Unauthorized');
  const act = METHODS[name.toLowerCase()],
    form = formOf(call);
  if (!act) return refuse(404, 'Not Found');
  if (!form) return bad("can't parse the request body");
  form.fields = { ...Object.fromEntries(call.query), ...form.fields }; // the address's own parameters count as well
  try {
    return act(bot, call, form);
  } catch (e) {
    if (e.body) return e;
    throw e;
  }
}

export function create() {
  const bot = new Bot();
  const run = (call) => method(bot, call);
  return {
    name: 'telegram',
    latency: {},
    trouble,
    unknown: () => refuse(404, 'Not Found'),
    reset: () => bot.clear(),
    routes: [
      route('POST|GET', /^\/bot([^/]+)\/(send\w+)$/i, 'submit', run, { inline: true }),
      route('POST|GET', /^\/bot([^/]+)\/(\w+)$/, 'info', run),
    ],
    window: (call) => (call.role === 'submit' ? String(formOf(call)?.fields.chat_id ?? '') : call.path),
    control: { 'POST /_sim/press': (sim, call) => bot.press(call.json ?? {}) },
  };
}
