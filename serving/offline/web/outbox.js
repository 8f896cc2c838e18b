import { ask } from './ask.js';
import { explainProblem } from './client.js';
import {
  markRefused,
  readCorrections,
  readKey,
  removeCorrection,
  writeCorrection,
} from './database.js';
import { server } from './settings.js';

/** Corrections that a device keeps at most: a day of photos, and no more than a phone has room for. */
const most = 500;
/** Milliseconds that a server may take to answer. */
const patience = 60_000;

const changes = new EventTarget();
/** Why the last attempt stopped: for people; null if it did not. */
let trouble = null;

/** Calls back when what is kept or sent has changed. @param {(state: object) => void} onChange */
export async function watchOutbox(onChange) {
  const tell = async () => {
    const kept = await readCorrections();
    const refused = kept.filter((correction) => correction.refused);
    onChange({ waiting: kept.length - refused.length, refused, trouble });
  };
  changes.addEventListener('change', tell);
  await tell();
}

/**
 * Keeps a correction by the digest of its photo or row, so that the last label of one thing counts, and tries to send it.
 *
 * @returns what to thank with
 */
export async function keepCorrection({ model, label, photo, row }) {
  const digest = await ask({ kind: 'digest', content: photo ?? row });
  const kept = await readCorrections();
  if (kept.length >= most && !kept.some((other) => other.digest === digest))
    throw new Error(`This device keeps ${most} corrections. Send those that are waiting first.`);
  const at = new Date().toISOString();
  // A file of the device may be gone by the time it is sent: its bytes are kept, not the file.
  const content = photo ? { photo: new Blob([await photo.arrayBuffer()]) } : { row };
  await writeCorrection({ digest, at, model, label, refused: null, ...content });
  changed();
  sendCorrections();
  return { thanks: 'Thank you. It is kept on this device until the server has it.' };
}

/** Sends what waits, one after another, until the server is out of reach. One tab at a time does. */
export async function sendCorrections() {
  // Without https no correction is taken, and tabs cannot agree on who sends.
  if (server === null || !isSecureContext) return;
  await navigator.locks.request(`outbox ${server}`, { ifAvailable: true }, async (lock) => {
    if (lock) await sendAll();
  });
  changed();
}

/** Sends those again that were refused: the server may know better now. */
export async function retryRefused() {
  for (const correction of await readCorrections())
    if (correction.refused) await markRefused(correction, null);
  changed();
  await sendCorrections();
}

/** Gives up those that were refused. */
export async function discardRefused() {
  for (const correction of await readCorrections())
    if (correction.refused) await removeCorrection(correction);
  changed();
}

function changed() {
  changes.dispatchEvent(new Event('change'));
}

async function sendAll() {
  trouble = null;
  const key = await readKey();
  for (;;) {
    const next = (await readCorrections()).find(({ refused }) => !refused);
    if (!next) return;
    const outcome = await send(next, key);
    if (outcome.later) {
      trouble = outcome.later;
      return;
    }
    if (outcome.refused) await markRefused(next, outcome.refused);
    else await removeCorrection(next);
    changed();
  }
}

/** Sends one. @returns nothing if the server has it; why it `refused`; or why to try `later` */
async function send({ digest, model, label, photo, row }, key) {
  let response;
  try {
    response = await fetch(`${server}/models/${encodeURIComponent(model)}/feedback`, {
      method: 'POST',
      credentials: 'omit',
      signal: AbortSignal.timeout(patience),
      ...bodyOf({ label, photo, row }, key),
    });
  } catch {
    return { later: { needsKey: false, words: 'The server is out of reach.' } };
  }
  const answer = await response.json().catch(() => ({}));
  if (response.ok) {
    // The login page of a network: our server says what it received.
    if (answer.digest === undefined)
      return { later: { needsKey: false, words: 'Something else answers in its place.' } };
    if (answer.digest === digest) return {};
    return { refused: 'The server received other bytes than were sent.' };
  }
  const said = explainProblem(answer) ?? `It answered ${response.status}.`;
  // Nobody has been logged in here.
  if (answer.code === 'ACCESS_KEY_MISSING') {
    return { later: { needsKey: true, words: 'The server asks for a key.' } };
  }
  const needsKey = response.status === 401 || answer.code === 'ACCESS_SCOPE_MISSING';
  const passes = needsKey || response.status === 429 || response.status >= 500;
  return passes ? { later: { needsKey, words: said } } : { refused: said };
}

function bodyOf({ label, photo, row }, key) {
  const headers = key ? { authorization: `Bearer ${key}` } : {};
  if (row) {
    headers['content-type'] = 'application/json';
    return { headers, body: JSON.stringify({ row, label }) };
  }
  const body = new FormData();
  body.append('label', label);
  body.append('file', photo, 'photo');
  return { headers, body };
}
