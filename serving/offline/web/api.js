/*
 * The page's API without a server: what the server's client does elsewhere is answered here by a worker, and corrections are
 * kept until a server takes them. Functions that only a server has are those of its client, beside this as client.js.
 */
import { ask } from './ask.js';
import { keepCorrection } from './outbox.js';

export * from './client.js';

/** The model of this page. */
export async function readModels() {
  return [await ask({ kind: 'describe' })];
}

/** Predicts for one photo. @param {string} _model @param {Blob} photo */
export async function predictPhoto(_model, photo) {
  return firstResult(await ask({ kind: 'photo', photo }));
}

/** Predicts for one row. @param {string} _model @param {Record<string, string | number>} row */
export async function predictRow(_model, row) {
  return firstResult(await ask({ kind: 'row', row }));
}

/**
 * Keeps a correction: what a photo really shows. A server that takes it later may not have this version any more, so it counts for
 * the one that serves then.
 *
 * @param {{ name: string }} model @param {Blob} photo @param {string} label
 */
export async function correctPhoto({ name }, photo, label) {
  return keepCorrection({ model: name, label, photo });
}

/** Keeps a correction: what a row really is. */
export async function correctRow({ name }, row, label) {
  return keepCorrection({ model: name, label, row });
}

const firstResult = ({ version, results: [result] }) => ({ version, ...result });
