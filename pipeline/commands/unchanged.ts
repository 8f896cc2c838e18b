import { createHash } from 'node:crypto';
import { type Dirent, readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { writeFileAtomic } from '../lib/files.ts';

/*
 * The answer of a command that found nothing to do, remembered for as long as nothing that it read has been
 * touched. Loading schemas, stages and projects takes longer than looking at a few hundred file times.
 * Loads nothing but Node's own modules for the look, synchronously: a promise a file would cost more.
 */

/** Everything that a run reads: files with size, times and inode. */
const sources = ['pipeline', 'models'];
const files = [
  ...['package.json', 'package-lock.json', 'data.lock.json', 'node_modules/.package-lock.json'],
  ...['.git/HEAD', '.git/index', '.git/logs/HEAD'],
];
/** Only its folders: records and blobs are never changed, and coming or going touches their folder. */
const store = '.mainstem/store';

/** A file changed so lately that a second change could leave its time as it is. */
const settledMs = 100;

interface Remembered {
  readonly fingerprint: string;
  readonly answer: string;
}

/** What the tree looks like now. */
export interface TreeState {
  readonly fingerprint: string;
  /** Whether the last change lies far enough back for times to tell changes apart. */
  readonly settled: boolean;
}

/** Looks at the tree; a few milliseconds. */
export function readTreeState(root: string): TreeState {
  const lines: string[] = [process.version];
  let newest = 0;
  const note = (path: string) => {
    const found = statSync(join(root, path), { throwIfNoEntry: false });
    if (!found) return;
    newest = Math.max(newest, found.ctimeMs);
    lines.push(`${path} ${found.size} ${found.mtimeMs} ${found.ctimeMs} ${found.ino}`);
  };
  for (const file of files) note(file);
  for (const folder of sources) walk(root, folder, note, true);
  walk(root, store, note, false);
  const fingerprint = createHash('sha256').update(lines.join('\n')).digest('hex');
  return { fingerprint, settled: !linkedTree(root) && Date.now() - newest > settledMs };
}

/** Whether the commit is noted elsewhere (git worktree), where its change would not be seen. */
function linkedTree(root: string): boolean {
  return statSync(join(root, '.git'), { throwIfNoEntry: false })?.isFile() ?? false;
}

/** The answer to this question in this state of the tree, or null. */
export function readUnchanged(root: string, question: string, state: TreeState): string | null {
  try {
    const text = readFileSync(answerPath(root, question), 'utf8');
    const { fingerprint, answer }: Partial<Remembered> = JSON.parse(text);
    return fingerprint === state.fingerprint && typeof answer === 'string' ? answer : null;
  } catch {
    return null;
  }
}

/**
 * Remembers the answer that was found without doing any work.
 *
 * @param state of the tree before the work was looked for: what changed meanwhile differs from it.
 */
export async function writeUnchanged(
  root: string,
  question: string,
  state: TreeState,
  answer: string,
): Promise<void> {
  if (!state.settled) return;
  const remembered: Remembered = { fingerprint: state.fingerprint, answer };
  await writeFileAtomic(answerPath(root, question), JSON.stringify(remembered));
}

function answerPath(root: string, question: string): string {
  return join(root, '.mainstem', 'unchanged', `${encodeURIComponent(question)}.json`);
}

function walk(
  root: string,
  folder: string,
  note: (path: string) => void,
  withFiles: boolean,
): void {
  note(folder);
  for (const entry of entriesOf(join(root, folder))) {
    const path = `${folder}/${entry.name}`;
    if (entry.isDirectory()) walk(root, path, note, withFiles);
    else if (withFiles) note(path);
  }
}

function entriesOf(folder: string): Dirent[] {
  try {
    return readdirSync(folder, { withFileTypes: true });
  } catch {
    return [];
  }
}
