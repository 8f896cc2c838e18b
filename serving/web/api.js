/* The page's client of the server's API. Every function throws an Error with a message for people. */
import { wordsOf } from './form.js';

/** Who is logged in, and whether that is needed. */
export async function readSession() {
  return request('session', { headers: { accept: 'application/json' } });
}

/** Exchanges a key for a session. @param {string} key */
export async function logIn(key) {
  return request('session', json({ key }));
}

/** Ends the session. */
export async function logOut() {
  return request('session', { method: 'DELETE' });
}

/** The served models, the default one first. */
export async function readModels() {
  return request('models', { headers: { accept: 'application/json' } });
}

/** Predicts for one photo. @param {string} model @param {Blob} photo */
export async function predictPhoto(model, photo) {
  const body = new FormData();
  body.append('file', photo, 'photo');
  return firstResult(await request(pathOf(model, 'predict'), { method: 'POST', body }));
}

/** Predicts for one row. @param {string} model @param {Record<string, string | number>} row */
export async function predictRow(model, row) {
  return firstResult(await request(pathOf(model, 'predict'), json(row)));
}

/** Sends a correction: what a photo really shows. @param {{ name: string, version?: string }} model with the version that answered */
export async function correctPhoto({ name, version }, photo, label) {
  const body = new FormData();
  body.append('label', label);
  if (version) body.append('version', version);
  body.append('file', photo, 'photo');
  return request(pathOf(name, 'feedback'), { method: 'POST', body });
}

/** Sends a correction: what a row really is. @param {{ name: string, version?: string }} model with the version that answered */
export async function correctRow({ name, version }, row, label) {
  return request(pathOf(name, 'feedback'), json({ row, label, version }));
}

/** Asks what the answer for a photo depends on. @param {{ name: string, version: string }} model with the version that answered */
export async function explainPhoto(model, photo) {
  const body = new FormData();
  body.append('file', photo, 'photo');
  return request(explainPathOf(model), { method: 'POST', body });
}

/** Asks what the answer for a row depends on. */
export async function explainRow(model, row) {
  return request(explainPathOf(model), json(row));
}

const explainPathOf = ({ name, version }) =>
  `v2/${pathOf(name, `versions/${encodeURIComponent(version)}/explain`)}`;

const pathOf = (model, what) => `models/${encodeURIComponent(model)}/${what}`;

const json = (value) => ({
  method: 'POST',
  headers: { 'content-type': 'application/json' },
  body: JSON.stringify(value),
});

const firstResult = ({ version, results: [result] }) => ({ version, ...result });

/** What the server says is wrong, in words for people who do not know what a server is; undefined where it says nothing. */
export function explainProblem({ code, column, reason, detail }) {
  return words[code] ?? (column ? `${wordsOf(column)} ${reason}.` : detail);
}

const words = {
  IMAGE_UNREADABLE: 'This is not a photo I can open. Try a JPEG or PNG picture.',
  IMAGE_LINE: 'This picture is hardly more than a line. Try one that is less narrow.',
  IMAGE_TOO_LARGE: 'This photo is too large for me. Try a smaller one.',
  IMAGE_TOO_SLOW: 'This photo takes me too long to open. Try a smaller one.',
  REQUEST_TOO_LARGE: 'This file is too large for me. Try a smaller photo.',
  EXPLAIN_TOO_SLOW: 'Looking closer takes me too long right now. Try again in a moment.',
  EXPLAIN_OFF: 'I do not look closer here.',
  SERVING_BUSY: 'Many people are asking right now. Try again in a moment.',
  ACCESS_KEY_MISSING: 'You are not logged in any more. Load the page again and log in.',
  ACCESS_KEY_UNKNOWN: 'I do not know this key. Check that you copied all of it.',
  ACCESS_KEY_EXPIRED: 'This key has expired. Ask whoever runs this page for a new one.',
  ACCESS_SCOPE_MISSING: 'Your key does not allow this. Ask whoever runs this page for another.',
  ACCESS_RATE_LIMIT: 'That was a lot at once. Try again in a minute.',
  ACCESS_LOGIN_LIMIT: 'Too many wrong keys. Try again in a few minutes.',
  FEEDBACK_FULL: 'I cannot keep any more corrections. Please tell the people who run this page.',
  FEEDBACK_DISK_FULL:
    'I cannot keep any more corrections. Please tell the people who run this page.',
  FEEDBACK_UNWRITABLE: 'I cannot keep corrections right now. Please try again later.',
  FEEDBACK_DAILY_LIMIT: 'I cannot keep any more corrections today. Please try again tomorrow.',
  FEEDBACK_OFF: 'I do not keep corrections here.',
};

async function request(path, options) {
  let response;
  try {
    response = await fetch(path, options);
  } catch {
    throw new Error('I cannot reach the server. Check your connection and try again.');
  }
  if (response.status === 204) return {};
  const answer = await response.json().catch(() => null);
  if (response.ok && answer === null)
    throw new Error('Something else answers in the server’s place: log in to this network first.');
  if (response.ok) return answer;
  throw new Error(explainProblem(answer ?? {}) ?? 'Something went wrong. Try again.');
}
