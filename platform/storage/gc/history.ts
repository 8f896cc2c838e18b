import { execFile } from 'node:child_process';
import { readdir } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { promisify } from 'node:util';
import { isMainstemError, MainstemError } from '../../lib/errors.ts';
import { git, gitEntries, otherwise, workingTrees } from '../../lib/git.ts';
import { parseJsonText } from '../../lib/json-text.ts';
import { lockFile, modelsFolder } from '../../lib/layout.ts';
import { readFile, readTextIfThere } from '../../lib/read-text.ts';
import { listRuns, recordPath } from '../../registry/index.ts';

const run = promisify(execFile);

/** A lock or a model's record, as some commit or working tree has it. */
export interface HistoricFile {
  readonly path: string;
  readonly text: string;
}

/**
 * Every lock and every model's record that any branch, tag, stash, reflog, index or working tree of this clone leads
 * to, each once.
 *
 * @param more commits that are followed, too: the tips of branches elsewhere
 * @throws MainstemError GIT_FAILED
 */
export async function readHistory(
  root: string,
  more: readonly string[] = [],
): Promise<HistoricFile[]> {
  const listed = await git(
    root,
    ...['rev-list', '--objects', '--no-object-names', '--full-history'],
    ...['--filter=object:type=blob', '--filter-provided-objects', '--all', '--reflog'],
    ...[...more, '--', lockFile, modelsFolder],
  );
  // Not by `--indexed-objects`, which lists every file of the index whatever its path.
  const staged = ['ls-files', '-z', '--stage', '--', lockFile, modelsFolder];
  const indexed = (await gitEntries(root, 1, ...staged)).map(([file]) => file?.split(' ')[1] ?? '');
  const committed: HistoricFile[] = [];
  for (const object of new Set([...listed.split('\n'), ...indexed].filter(Boolean))) {
    committed.push({
      path: object,
      text: await git(root, 'cat-file', 'blob', '--end-of-options', object),
    });
  }
  return [...committed, ...(await readWorkingTrees(root))];
}

/** The records of the last runs, which `promote` and `report` read. Every working tree has its own, and its own store. */
export async function readCandidates(root: string): Promise<HistoricFile[]> {
  const runs = join(root, '.mainstem', 'runs');
  const projects = await readdir(runs).catch(() => []);
  const files = projects.map(async (project) => {
    const path = join(runs, project, 'candidate.json');
    const text = await readFile(path, 'utf8').catch(() => undefined);
    return text === undefined ? [] : [{ path, text }];
  });
  return (await Promise.all(files)).flat();
}

async function readWorkingTrees(root: string): Promise<HistoricFile[]> {
  const inside = await git(root, 'rev-parse', '--show-prefix');
  const files: HistoricFile[] = [];
  for (const tree of await workingTrees(root)) {
    const folder = join(tree, inside);
    // A working tree that was deleted without telling git has nothing to keep.
    const runs = await listRuns(folder).catch(() => []);
    const paths = [lockFile, ...runs.map(({ model, run: name }) => recordPath(model, name))];
    for (const path of paths) {
      const text = await readWhole(join(folder, path));
      if (text !== null) files.push({ path: join(folder, path), text });
    }
  }
  return files;
}

/**
 * The text of a file in a working tree, null without one. What a file that is cut off or cannot be read had named would be
 * deleted. (Both sides of a merge conflict stand in the file.)
 *
 * @throws MainstemError GC_INCOMPLETE
 */
async function readWhole(path: string): Promise<string | null> {
  try {
    const text = await readTextIfThere(path);
    if (text !== null) parseJsonText(text, path);
    return text;
  } catch (cause) {
    if (isMainstemError(cause, 'MERGE_CONFLICT')) return readFile(path, 'utf8');
    if (!isMainstemError(cause)) throw cause;
    const reason = `${cause.message.replace(/\.$/, '')}; restore it`;
    throw new MainstemError('GC_INCOMPLETE', { reason }, { cause });
  }
}

/**
 * The digests that locks of today name: of every branch, tag, stash and working tree, and of the index. What only earlier
 * commits name is left out.
 *
 * @throws MainstemError GIT_FAILED
 */
export async function readLocksOfToday(root: string): Promise<ReadonlySet<string>> {
  const inside = await git(root, 'rev-parse', '--show-prefix');
  const refs = await git(root, 'for-each-ref', '--format=%(objectname)');
  const stashes = await git(root, 'reflog', 'show', '--format=%H', 'stash').catch(otherwise(''));
  const tips = new Set(`${refs}\n${stashes}\nHEAD`.split('\n').filter(Boolean));
  const committed: string[] = [];
  for (const tip of tips) {
    // A tag may name anything, and a branch may have no lock.
    const blob = await git(
      root,
      'rev-parse',
      '-q',
      '--verify',
      '--end-of-options',
      `${tip}:${inside}${lockFile}`,
    ).catch(otherwise(''));
    if (blob !== '') committed.push(blob);
  }
  const staged = await git(root, 'ls-files', '--stage', '--', lockFile);
  const indexed = staged.split('\n').map((line) => line.split(' ')[1] ?? '');
  const texts = (await readWorkingTrees(root)).filter(({ path }) => basename(path) === lockFile);
  const named = texts.map(({ text }) => text);
  for (const object of new Set([...committed, ...indexed].filter(Boolean)))
    named.push(await git(root, 'cat-file', 'blob', '--end-of-options', object));
  return new Set(named.flatMap((text) => text.match(/sha256:[0-9a-f]{64}/g) ?? []));
}

/** A dataset whose manifest is nowhere. */
export interface UnseenDataset {
  readonly digest: string;
  /** Its name in a lock, if a lock can be read. */
  readonly dataset: string;
  /** The last commit whose lock named it or ceased to; '' if none did. */
  readonly commit: string;
}

/** Who named a dataset by this digest, for people. */
export async function describeDataset(
  root: string,
  digest: string,
  files: readonly HistoricFile[],
): Promise<UnseenDataset> {
  const text = files.find((file) => file.text.includes(digest))?.text ?? '';
  const [, dataset = 'unknown'] = new RegExp(`"([^"]+)":\\s*\\{[^{}]*"${digest}"`).exec(text) ?? [];
  const search = ['log', '--all', '-1', '--format=%h', `-S${digest}`, '--', lockFile];
  return { digest, dataset, commit: await git(root, ...search).catch(otherwise('')) };
}

/** For example `"leaves" (sha256:1f…, commit 3ab12cd)`. */
export function renderUnseen({ dataset, digest, commit }: UnseenDataset): string {
  const where = commit === '' ? '' : `, commit ${commit}`;
  return `"${dataset}" (${digest.slice(0, 'sha256:'.length + 12)}…${where})`;
}

/** @throws MainstemError GC_INCOMPLETE if one of these datasets could need anything */
export function assertSeen(datasets: readonly UnseenDataset[]): void {
  if (datasets.length === 0) return;
  const names = datasets.map(renderUnseen).join(', ');
  const reason = `the manifest of ${names} is neither here nor on the remote`;
  throw new MainstemError('GC_INCOMPLETE', { reason });
}

/**
 * The commits that other clones' branches and tags lead to.
 *
 * @throws MainstemError GC_INCOMPLETE if this clone does not have them all, so that it cannot know what they need
 */
export async function readTipsElsewhere(root: string): Promise<string[]> {
  if ((await git(root, 'rev-parse', '--is-shallow-repository')) === 'true') {
    throw new MainstemError('GC_INCOMPLETE', { reason: 'this clone is shallow' });
  }
  const tips = new Set<string>();
  const remotes = (await git(root, 'remote')).split('\n').filter(Boolean);
  const asked = ['ls-remote', '--heads', '--tags'];
  for (const remote of remotes) {
    const listed = await git(root, ...asked, '--end-of-options', remote).catch((cause: unknown) => {
      otherwise(null)(cause);
      const reason = `the branches of ${remote} cannot be listed`;
      throw new MainstemError('GC_INCOMPLETE', { reason }, { cause });
    });
    for (const line of listed.split('\n')) {
      const [commit = '', name = ''] = line.split('\t');
      if (commit === '') continue;
      await assertHere(root, commit, `${remote}: ${name}`);
      tips.add(commit);
    }
  }
  return [...tips];
}

async function assertHere(root: string, commit: string, name: string): Promise<void> {
  await run('git', ['cat-file', '-e', '--end-of-options', commit], { cwd: root }).catch(
    (cause: unknown) => {
      const reason = `this clone lacks a commit that others have (${name})`;
      throw new MainstemError('GC_INCOMPLETE', { reason }, { cause });
    },
  );
}
