// Tells whether files have changed without reading them. JavaScript, because bootstrap.js needs it on any Node.
import { createHash } from 'node:crypto';
import { readdirSync, statSync } from 'node:fs';
import { join, resolve } from 'node:path';

/** A file that changed less than one tick of its clock ago could change again and look the same. */
const tickMs = { fine: 100, coarse: 2_000 };
/** With more files than this, looking at each would take longer than it saves. */
const mostFiles = 20_000;

/**
 * @typedef {object} FileState
 * @property {string} state size, times and inode in one string
 * @property {boolean} settled whether a later change is sure to show
 */

/**
 * The state of a file; null if there is no such file.
 *
 * @param {string} root
 * @param {string} path relative to the root, or absolute
 * @returns {FileState | null}
 */
export function readFileState(root, path) {
  const found = statSync(resolve(root, path), { throwIfNoEntry: false });
  if (!found?.isFile()) return null;
  return { state: describe(found), settled: isSettled(found.ctimeMs) };
}

/**
 * The state of files, and of folders with everything in them, as one.
 *
 * @param {string} root
 * @param {readonly string[]} paths relative to the root
 * @returns {FileState}
 */
export function readTreeState(root, paths) {
  /** @type {string[]} */
  const lines = [];
  let newest = 0;
  /** @param {string} path */
  const look = (path) => {
    const found = statSync(join(root, path), { throwIfNoEntry: false });
    if (!found || lines.length > mostFiles) return;
    newest = Math.max(newest, found.ctimeMs);
    lines.push(`${path} ${describe(found)}`);
    if (found.isDirectory())
      for (const name of readdirSync(join(root, path))) look(`${path}/${name}`);
  };
  for (const path of paths) look(path);
  return {
    state: digestOf(lines.join('\n')),
    settled: isSettled(newest) && lines.length <= mostFiles,
  };
}

/**
 * The names of the entries of folders, without hidden ones, as one digest.
 *
 * @param {string} root
 * @param {readonly string[]} folders relative to the root
 */
export function digestOfNames(root, folders) {
  return digestOf(folders.map((folder) => `${folder}: ${namesIn(root, folder)}`).join('\n'));
}

/**
 * The sorted names of a folder's entries, without hidden ones; none if there is no such folder.
 *
 * @param {string} root
 * @param {string} folder
 * @returns {string[]}
 */
export function namesIn(root, folder) {
  try {
    const names = readdirSync(join(root, folder));
    return names.filter((name) => !name.startsWith('.')).sort();
  } catch {
    return [];
  }
}

/** @param {string | Uint8Array} data */
export function digestOf(data) {
  return createHash('sha256').update(data).digest('hex');
}

/**
 * The change time counts, not the modification time: every write changes it, and no program can set it back.
 *
 * @param {number} changed
 */
function isSettled(changed) {
  const age = Date.now() - changed;
  return age > (changed % 1000 === 0 ? tickMs.coarse : tickMs.fine);
}

/** @param {import('node:fs').Stats} stats */
function describe({ size, mtimeMs, ctimeMs, ino }) {
  return `${size} ${mtimeMs} ${ctimeMs} ${ino}`;
}
