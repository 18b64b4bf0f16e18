// The other Telegram client sends urlencoded bodies, and waits by itself when it is told to.
// SPDX-License-Identifier: ISC
import { equal, must, refused, withSim } from './kit.mjs';

async function sending({ Api }, sim) {
  const api = new Api('1:sim', { apiRoot: sim.url });
  equal((await api.getMe()).username, 'slated_sim_bot', 'who it is');
  const said = await api.sendMessage({ chat_id: 1, text: 'ready <b>now</b>', parse_mode: 'HTML' });
  equal([said.text, said.chat.id], ['ready <b>now</b>', 1], 'a message');
  sim.faults.add({ kind: '429', seconds: 1 });
  const began = performance.now(),
    later = await api.sendMessage({ chat_id: 1, text: 'again' });
  must(later.message_id === said.message_id + 1 && performance.now() - began > 900, 'it waits for as long as it was told');
  must(/chat not found/.test((await refused(api.sendMessage({ chat_id: 404, text: 'x' }), 'no such chat')).message), 'no such chat');
}

export const proofs = (sdk) => [
  ['node-telegram-bot-api: urlencoded messages, waiting after 429', () => withSim('telegram', (sim) => sending(sdk, sim))],
];
