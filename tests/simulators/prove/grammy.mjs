// grammY sends messages, pictures and albums, as JSON and as multipart with attach://.
// SPDX-License-Identifier: ISC
import { png } from '../picture.mjs';
import { equal, must, refused, withSim } from './kit.mjs';

const botOf = ({ Bot }, sim, token = '1:sim') => new Bot(token, { client: { apiRoot: sim.url } }).api;

async function sending({ InputFile, InputMediaBuilder, InlineKeyboard, ...sdk }, sim) {
  const api = botOf(sdk, sim),
    picture = png('a', 320, 180);
  equal((await api.getMe()).is_bot, true, 'who it is');
  const said = await api.sendMessage(1, 'ready: <b>12</b> of 12 &amp; more', {
    parse_mode: 'HTML',
    reply_markup: new InlineKeyboard().text('Approve', 'a:1'),
  });
  equal([said.chat.id, said.message_id], [1, 1], 'a message');
  const photo = await api.sendPhoto(1, new InputFile(picture, 'r.png'), { caption: 'c' });
  equal(
    [photo.photo.at(-1).width, photo.photo.at(-1).height, photo.photo.at(-1).file_size, photo.caption],
    [320, 180, picture.length, 'c'],
    'a photo that arrived whole',
  );
  const file = await api.sendDocument(1, new InputFile(Buffer.from('<html>'), 'report.html'));
  equal([file.document.file_name, file.document.file_size], ['report.html', 6], 'a document');
  const album = await api.sendMediaGroup(1, [
    InputMediaBuilder.photo(new InputFile(picture, 'a.png'), { caption: '1' }),
    InputMediaBuilder.photo(new InputFile(png('b', 90, 160), 'b.png')),
  ]);
  equal([album.length, album[1].photo.at(-1).height, album[0].media_group_id === album[1].media_group_id], [2, 160, true], 'an album');
  equal((await api.editMessageText(1, said.message_id, 'done')).text, 'done', 'an edit');
  equal(sim.ledger.totals.accepted, 4, 'messages sent');
}

async function refusals({ InputFile, ...sdk }, sim) {
  const api = botOf(sdk, sim),
    why = async (promise) => (({ error_code, description }) => `${error_code} ${description}`)(await refused(promise, 'it'));
  must((await why(api.sendMessage(404, 'x'))) === '400 Bad Request: chat not found', 'no such chat');
  must((await why(api.sendMessage(403, 'x'))).startsWith('403 Forbidden: bot was blocked'), 'blocked');
  must((await why(api.sendMessage(1, 'a < b', { parse_mode: 'HTML' }))).includes("can't parse entities"), 'HTML that is not escaped');
  must((await why(api.sendMessage(1, 'x'.repeat(4097)))).includes('too long'), 'a long message');
  must(
    (await why(api.sendPhoto(1, new InputFile(png('a', 4000, 100), 'r.png')))).includes('PHOTO_INVALID_DIMENSIONS'),
    'a photo too long for its height',
  );
  must((await why(botOf(sdk, sim, '1:bad').getMe())) === '401 Unauthorized', 'a bad token');
  sim.faults.add({ kind: '429', seconds: 3 });
  equal((await refused(api.sendMessage(1, 'x'), 'too many')).parameters.retry_after, 3, 'how long to wait');
  equal(sim.ledger.totals.accepted, 0, 'messages sent');
}

async function buttons(sdk, sim) {
  const api = botOf(sdk, sim),
    { message_id } = await api.sendMessage(1, 'go?');
  await fetch(`${sim.url}/_sim/press`, { method: 'POST', body: JSON.stringify({ chat_id: 1, message_id, data: 'a:1' }) });
  const [update] = await api.getUpdates({ offset: 0 });
  equal([update.callback_query.data, update.callback_query.message.message_id], ['a:1', message_id], 'a pressed button');
  equal(await api.answerCallbackQuery(update.callback_query.id), true, 'an answer to it');
  equal((await api.getUpdates({ offset: update.update_id + 1 })).length, 0, 'updates after it');
}

export const proofs = (sdk) => [
  ['grammy: messages, photos, documents, albums, edits', () => withSim('telegram', (sim) => sending(sdk, sim))],
  ['grammy: what Telegram refuses', () => withSim('telegram', (sim) => refusals(sdk, sim))],
  ['grammy: buttons come back as updates', () => withSim('telegram', (sim) => buttons(sdk, sim))],
];
