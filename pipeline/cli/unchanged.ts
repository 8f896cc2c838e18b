import { createHash } from 'node:crypto';
import { readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { writeFileAtomic } from '../../platform/lib/files.ts';

/*
 * The answer of a command that found nothing to do, remembered for as long as nothing that it read has been
 * touched. Loading schemas, stages and projects takes longer than looking at a few thousand file times.
 * Loads nothing but Node's own modules for the look, synchronously: a promise a file would cost more.
 */

/** Everything that a run reads beside its data. */
const sources = [
  ...['platform', 'pipeline', 'package.json', 'package-lock.json', 'data.lock.json'],
  ...['node_modules/.package-lock.json', '.git/HEAD', '.git/index', '.git/logs/HEAD'],
];
/** Only its folders: records and blobs are never changed, and coming or going touches their folder. */
const store = '.mainstem/store';

/** A file changed so lately that a second change could leave its time as it is. */
const settledMs = 100;
/** With more files than this, looking at each would take longer than it saves. */
const mostFiles = 20_000;

/** What files look like: their sizes, times and inodes. */
export interface FilesState {
  readonly fingerprint: string;
  /** Whether a later change is sure to show. */
  readonly settled: boolean;
}

/** … of a project's data. */
export interface DataState extends FilesState {
  readonly paths: readonly string[];
}

interface Remembered {
  readonly before: string;
  readonly data: { readonly fingerprint: string; readonly paths: readonly string[] };
  readonly answer: string;
}

/** Looks at code, parameters, lock, packages, commit and store; a few milliseconds. */
export function readTreeState(root: string): FilesState {
  // In a linked working tree the commit is noted elsewhere, where its change would not be seen.
  const linked = statSync(join(root, '.git'), { throwIfNoEntry: false })?.isFile() ?? false;
  const look = createLook(root);
  for (const path of sources) look.at(path, true);
  look.at(store, false);
  const { fingerprint, settled } = look.state();
  return { fingerprint, settled: settled && !linked };
}

/** Looks at a project's data. @param paths files and folders relative to the repository */
export function readDataState(root: string, paths: readonly string[]): DataState {
  const look = createLook(root);
  for (const path of paths) look.at(path, true);
  return { paths, ...look.state() };
}

/** The remembered answer to this question, or null if there is none or anything was touched since. */
export function readUnchanged(root: string, question: string): string | null {
  try {
    const remembered: Remembered = JSON.parse(readFileSync(answerPath(root, question), 'utf8'));
    const { before, data, answer } = remembered;
    if (readTreeState(root).fingerprint !== before) return null;
    return readDataState(root, data.paths).fingerprint === data.fingerprint ? answer : null;
  } catch {
    // None, or not written by us: the command finds its answer anew.
    return null;
  }
}

/** What was looked at before the answer was worked out, so that a change meanwhile differs from it. */
export interface Grounds {
  readonly before: FilesState;
  readonly data: DataState;
  readonly answer: string;
}

/** Remembers an answer that was found without any work. */
export async function writeUnchanged(
  root: string,
  question: string,
  { before, data, answer }: Grounds,
): Promise<void> {
  if (!before.settled || !data.settled) return;
  const { fingerprint, paths } = data;
  const remembered: Remembered = {
    before: before.fingerprint,
    data: { fingerprint, paths },
    answer,
  };
  await writeFileAtomic(answerPath(root, question), JSON.stringify(remembered));
}

function answerPath(root: string, question: string): string {
  return join(root, '.mainstem', 'unchanged', `${encodeURIComponent(question)}.json`);
}

function createLook(root: string) {
  const lines: string[] = [process.version];
  let newest = 0;
  const look = {
    /** Notes a file, or a folder with all in it; without `withFiles` only the folders. */
    at(path: string, withFiles: boolean): void {
      const found = statSync(join(root, path), { throwIfNoEntry: false });
      if (!found || lines.length > mostFiles) return;
      newest = Math.max(newest, found.ctimeMs);
      lines.push(`${path} ${found.size} ${found.mtimeMs} ${found.ctimeMs} ${found.ino}`);
      if (!found.isDirectory()) return;
      for (const entry of readdirSync(join(root, path), { withFileTypes: true })) {
        if (withFiles || entry.isDirectory()) look.at(`${path}/${entry.name}`, withFiles);
      }
    },
    state(): FilesState {
      const fingerprint = createHash('sha256').update(lines.join('\n')).digest('hex');
      const settled = Date.now() - newest > settledMs && lines.length <= mostFiles;
      return { fingerprint, settled };
    },
  };
  return look;
}
