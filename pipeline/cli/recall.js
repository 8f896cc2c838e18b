// The answer of a `mainstem run <project>` that found nothing to do, remembered with everything it depends on:
// source files, parameters, lock, data, packages, stored results. It is printed again for as long as none of that
// has changed. Loading schemas, stages and projects takes many times longer than looking at a few hundred files.
// JavaScript and Node's own modules only, because bootstrap.js asks before it starts the pinned Node.
import { execFile } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { mkdirSync, readFileSync, realpathSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import {
  digestOf,
  digestOfNames,
  readFileState,
  readTreeState,
} from '../../platform/lib/file-state.js';
import { gitEnvironment } from '../../platform/lib/git-environment.js';

/** Increase it whenever answers that were remembered before must not be used. */
const format = 1;

/**
 * @typedef {object} KnownFile
 * @property {string} state its state when it was read; '' if that cannot be relied on
 * @property {string} digest of its bytes
 * @property {string} [code] of the code in it, without comments and formatting
 */

/**
 * @typedef {object} Commit
 * @property {string | null} commit
 * @property {boolean} dirty
 */

/**
 * @typedef {object} Memory
 * @property {string} answer
 * @property {string} node the Node that found it
 * @property {Record<string, KnownFile>} files files whose content matters
 * @property {Record<string, string>} kept files that are never changed in place, with their states
 * @property {readonly string[]} absent paths where there was no file
 * @property {{ folders: readonly string[], names: string }} listings folders of which only the names of the entries matter
 * @property {string} backends where native parts of backends were looked for, if the environment says so
 * @property {{ paths: readonly string[], state: string }} data
 * @property {string} record path of the candidate's record, which names a commit
 * @property {Commit} commit
 */

/**
 * Names the question that a command line asks, if its answer may be remembered: `run <project>`, with or without `--backend`.
 *
 * @param {readonly string[]} args
 * @returns {string | null}
 */
export function questionOf(args) {
  const [command, project = '', option, backend = 'auto', ...rest] = args;
  if (command !== 'run' || !/^\w/.test(project) || rest.length > 0) return null;
  if (option !== undefined && (option !== '--backend' || args.length !== 4)) return null;
  return runQuestion(project, backend);
}

/**
 * @param {string} project
 * @param {string} backend
 */
export function runQuestion(project, backend) {
  return `run-${project}-${backend}`;
}

/**
 * The remembered answer, or null if there is none or something it depends on has changed. A file that was touched
 * is read and compared. If another commit is checked out now, the record is updated to name it, as a run would do.
 *
 * @param {string} root the repository
 * @param {string} question
 * @param {object} options
 * @param {string} options.node the Node that would run
 * @param {boolean} options.canParse whether this process runs TypeScript, and with it the parser: then a source file of
 *   which only comments or formatting have changed counts as unchanged
 * @returns {Promise<string | null>}
 */
export async function recall(root, question, { node, canParse }) {
  try {
    const memory = readMemory(root, question);
    if (!memory || memory.node !== nameOfNode(node)) return null;
    const changed = await readChanges(root, memory.files, canParse);
    if (changed === null) return null;
    // Git runs while the data is looked at, and has ended before this returns: it may write its index.
    const [commit, same] = await Promise.all([readCommit(root), inSameSurroundings(root, memory)]);
    if (!same) return null;
    const files = { ...memory.files, ...changed, ...moveRecord(root, memory, commit) };
    if (JSON.stringify([memory.files, memory.commit]) !== JSON.stringify([files, commit])) {
      writeMemory(root, question, { ...memory, files, commit });
    }
    return memory.answer;
  } catch {
    // Not written by this version, or a file has disappeared meanwhile: the command finds its answer itself.
    return null;
  }
}

/**
 * Remembers an answer.
 *
 * @param {string} root
 * @param {string} question
 * @param {Memory} memory
 */
export function writeMemory(root, question, memory) {
  writeWhole(memoryPath(root, question), JSON.stringify({ format, ...memory }));
}

/** Where the environment says that native parts of backends are, which decide what "auto" takes; '' if it does not say. */
export function backendsFolder() {
  return process.env.MAINSTEM_BACKENDS ?? '';
}

/**
 * A Node, named by its real path, which distinguishes the pinned one from any other.
 *
 * @param {string} path
 */
export function nameOfNode(path) {
  return realpathSync(path);
}

/**
 * @param {string} root
 * @param {string} question
 * @returns {Memory | null}
 */
function readMemory(root, question) {
  const remembered = JSON.parse(readFileSync(memoryPath(root, question), 'utf8'));
  return remembered.format === format ? remembered : null;
}

/**
 * Whether everything that need not be read is unchanged; false where it cannot be looked at.
 *
 * @param {string} root
 * @param {Memory} memory
 */
async function inSameSurroundings(root, { kept, absent, listings, backends, data }) {
  try {
    return (
      backends === backendsFolder() &&
      Object.entries(kept).every(([path, state]) => readFileState(root, path)?.state === state) &&
      absent.every((path) => readFileState(root, path) === null) &&
      digestOfNames(root, listings.folders) === listings.names &&
      readTreeState(root, data.paths).state === data.state
    );
  } catch {
    return false;
  }
}

/**
 * Looks at every file and reads those that were touched; null if the content of one has changed.
 *
 * @param {string} root
 * @param {Record<string, KnownFile>} files
 * @param {boolean} canParse
 * @returns {Promise<Record<string, KnownFile> | null>} the touched ones as they are now
 */
async function readChanges(root, files, canParse) {
  /** @type {Record<string, KnownFile>} */
  const changed = {};
  for (const [path, known] of Object.entries(files)) {
    const found = readFileState(root, path);
    if (found && found.state === known.state) continue;
    const now = found && (await sameContent(root, path, known, canParse));
    if (!now) return null;
    changed[path] = { ...now, state: found.settled ? found.state : '' };
  }
  return changed;
}

/**
 * @param {string} root
 * @param {string} path
 * @param {KnownFile} known
 * @param {boolean} canParse
 * @returns {Promise<KnownFile | null>}
 */
async function sameContent(root, path, known, canParse) {
  const bytes = readFileSync(resolve(root, path));
  const digest = digestOf(bytes);
  if (digest === known.digest) return known;
  if (!canParse || known.code === undefined) return null;
  const { parseModule } = await import('../../platform/lib/parse-module.ts');
  const { digest: code } = await parseModule(path, bytes.toString('utf8'));
  return code === known.code ? { ...known, digest } : null;
}

/**
 * Makes the record name the commit that is checked out now.
 *
 * @param {string} root
 * @param {Memory} memory
 * @param {Commit} commit
 * @returns {Record<string, KnownFile>} the record's file as it is now, if it had to be written
 */
function moveRecord(root, { record, files, commit: before }, commit) {
  const known = files[record];
  if (!known || (commit.commit === before.commit && commit.dirty === before.dirty)) return {};
  const path = join(root, record);
  const text = `${JSON.stringify({ ...JSON.parse(readFileSync(path, 'utf8')), ...commit }, null, 2)}\n`;
  writeWhole(path, text);
  return { [record]: { state: '', digest: digestOf(text) } };
}

/**
 * The commit that is checked out, and whether the tree differs from it anywhere but in `models/`; null
 * outside git.
 *
 * @param {string} root
 * @returns {Promise<Commit>}
 */
function readCommit(root) {
  const args = ['status', '--porcelain=v2', '--branch', '--', '.', ':(exclude)models'];
  return new Promise((done) => {
    execFile(
      'git',
      args,
      { cwd: root, env: gitEnvironment(root), maxBuffer: 2 ** 28 },
      (error, out) => {
        const commit = error ? null : (/^# branch\.oid ([0-9a-f]+)$/m.exec(out)?.[1] ?? null);
        done({ commit, dirty: commit === null || /^[^#]/m.test(out) });
      },
    );
  });
}

/**
 * @param {string} path
 * @param {string} text
 */
function writeWhole(path, text) {
  const temporary = `${path}.${randomBytes(6).toString('hex')}.tmp`;
  mkdirSync(dirname(path), { recursive: true });
  try {
    writeFileSync(temporary, text);
    renameSync(temporary, path);
  } catch (error) {
    rmSync(temporary, { force: true });
    throw error;
  }
}

/**
 * @param {string} root
 * @param {string} question
 */
function memoryPath(root, question) {
  return join(root, '.mainstem', 'unchanged', `${encodeURIComponent(question)}.json`);
}
