import { execFile } from 'node:child_process';
import { mkdtemp, rm, symlink } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { promisify } from 'node:util';
import { addWorkingTree } from '../../platform/lib/add-working-tree.ts';
import { MainstemError } from '../../platform/lib/errors.ts';
import { git, isShallow, workingTrees } from '../../platform/lib/git.ts';
import type { Digest } from '../../platform/lib/hash.ts';
import { makeFolder } from '../../platform/lib/make-folder.ts';
import { markPattern, ownMark, stateOf } from '../../platform/lib/process-mark.ts';
import { readFile } from '../../platform/lib/read-text.ts';
import { abbreviate } from '../../platform/lib/text.ts';
import {
  findRun,
  loadRecord,
  pointerAt,
  recordPath,
  trialChannels,
} from '../../platform/registry/index.ts';
import type { ModelRecord, Workspace } from '../../platform/schemas/index.ts';
import { nativeFolder } from '../backends/index.ts';
import { readCandidate } from '../record.ts';

const run = promisify(execFile);

/** A model that was rebuilt and is the same. */
export interface Reproduction {
  readonly model: string;
  readonly run: string;
  /** The commit that promoted it; its tree was checked out and run. */
  readonly commit: string;
  readonly compared: readonly { readonly name: string; readonly digest: Digest }[];
}

/**
 * Checks out the commit that promoted a record beside the working tree, runs its pipeline with its own code,
 * without any earlier result, and compares what comes out.
 *
 * @param wanted first digits of a run, or the path of its record.
 * @throws MainstemError MODEL_RUN_UNKNOWN, REPRODUCE_UNCOMMITTED, REPRODUCE_SHALLOW, REPRODUCE_SQUASHED, REPRODUCE_DIFFERS, DISK_FULL,
 *   GIT_FAILED, and what the run throws
 */
export async function reproduce(workspace: Workspace, wanted: string): Promise<Reproduction> {
  const { root, reporter } = workspace;
  const found = await findRun(root, wanted);
  const record = await loadRecord(root, found.model, found.run);
  const commit = await promotionCommit(root, record);
  await removeLeftTrees(root);
  const tree = await mkdtemp(join(tmpdir(), `${treePrefix}${ownMark()}-`));
  reporter.info(`Rebuilding ${record.model} ${record.run} from commit ${abbreviate(commit)} …`);
  try {
    await addWorkingTree(root, tree, commit);
    await borrow(root, tree);
    await runPipelineOf(workspace, tree, record);
    const rebuilt = await readCandidate(tree, record.model);
    const compared = compare(record, rebuilt);
    return { model: record.model, run: record.run, commit, compared };
  } finally {
    await removeTree(root, tree);
  }
}

/** Then the mark of the process that rebuilds, and what makes the folder's name its own. */
const treePrefix = 'mainstem-reproduce-';

/** A process that was killed leaves its tree, which git lists and `gc` keeps data for. */
async function removeLeftTrees(root: string): Promise<void> {
  const named = new RegExp(`^${treePrefix}(${markPattern})-`);
  for (const tree of await workingTrees(root)) {
    const mark = named.exec(basename(tree))?.[1];
    if (mark !== undefined && stateOf(mark) === 'ended') await removeTree(root, tree);
  }
}

async function removeTree(root: string, tree: string): Promise<void> {
  await git(root, 'worktree', 'remove', '--force', '--end-of-options', tree).catch(() => '');
  await rm(tree, { recursive: true, force: true });
}

async function promotionCommit(root: string, { model, run: name }: ModelRecord): Promise<string> {
  const path = recordPath(model, name);
  const added = await git(root, 'log', '--diff-filter=A', '--format=%H', '-1', '--', path);
  if (added === '') throw new MainstemError('REPRODUCE_UNCOMMITTED', { model, run: name });
  await assertNotCutOff(root, added, { model, run: name });
  await assertOwn(root, added, { model, run: name });
  return added;
}

/** The first commit of a shallow clone seems to add every file. @throws MainstemError REPRODUCE_SHALLOW */
async function assertNotCutOff(
  root: string,
  commit: string,
  facts: { readonly model: string; readonly run: string },
): Promise<void> {
  if (!(await isShallow(root))) return;
  const parents = await git(root, 'log', '-1', '--format=%P', '--end-of-options', commit);
  if (parents === '') throw new MainstemError('REPRODUCE_SHALLOW', facts);
}

/** A squash leaves the records of several promotions to the last one's parameters. @throws MainstemError REPRODUCE_SQUASHED */
async function assertOwn(
  root: string,
  commit: string,
  { model, run: name }: { readonly model: string; readonly run: string },
): Promise<void> {
  const pointers = await Promise.all(
    (['production', ...trialChannels] as const).map((channel) =>
      pointerAt(root, commit, model, channel),
    ),
  );
  const found = pointers.flatMap((pointer) => pointer?.run ?? []);
  if (found.length === 0 || found.includes(name)) return;
  throw new MainstemError('REPRODUCE_SQUASHED', {
    ...{ model, run: name, commit: abbreviate(commit), found: found.join(', ') },
  });
}

/**
 * The rebuilt tree uses our blobs (content decides their names, so sharing them is safe) but none of our stage
 * records, or nothing would be run; and our packages, if its lockfile asks for the same.
 */
async function borrow(root: string, tree: string): Promise<void> {
  await makeFolder(join(tree, '.mainstem', 'store'));
  for (const part of ['packs', 'objects']) {
    await makeFolder(join(root, '.mainstem', 'store', part));
    await symlink(join(root, '.mainstem', 'store', part), join(tree, '.mainstem', 'store', part));
  }
  const [ours, theirs] = await Promise.all(
    [root, tree].map((folder) => readFile(join(folder, 'package-lock.json'), 'utf8')),
  );
  if (ours === theirs) await symlink(join(root, 'node_modules'), join(tree, 'node_modules'));
}

async function runPipelineOf(
  { signal, reporter }: Workspace,
  tree: string,
  { model, training }: ModelRecord,
): Promise<void> {
  const bootstrap = join(tree, 'pipeline', 'cli', 'bootstrap.js');
  const { name } = training.backend;
  // Trees have no backend to ask for.
  const backend = name === 'javascript' ? [] : ['--backend', name];
  const args = [bootstrap, 'run', model, ...backend];
  // The tree has no native parts of its own.
  const env = { ...process.env, MAINSTEM_BACKENDS: nativeFolder() };
  const child = run(process.execPath, args, {
    cwd: tree,
    signal,
    env,
    maxBuffer: 64 * 1024 * 1024,
  });
  child.child.stderr?.on('data', (text: Buffer) => reporter.info(text.toString().trimEnd()));
  await child.catch((cause: Error & { stderr?: string }) => {
    const reason = cause.stderr?.trim().split('\n').slice(-3).join(' ') || cause.message;
    throw new MainstemError('REPRODUCE_FAILED', { model, reason }, { cause });
  });
}

function compare(record: ModelRecord, rebuilt: ModelRecord | null): Reproduction['compared'] {
  const parts = (of: ModelRecord | null): [string, Digest | undefined][] => [
    ['key', of?.key],
    ['weights', of?.training.weights.digest],
    ['topology', of?.training.topology.digest],
    ['ONNX model', of?.package.onnx.digest],
    ['predictions', of?.evaluation.predictions.digest],
  ];
  const again = new Map(parts(rebuilt));
  const differences = parts(record).filter(([name, digest]) => again.get(name) !== digest);
  if (differences.length > 0) {
    const facts = differences.map(
      ([name, digest]) => `${name} was ${digest}, is ${again.get(name)}`,
    );
    const details = { model: record.model, run: record.run, differences: facts.join('; ') };
    throw new MainstemError('REPRODUCE_DIFFERS', details);
  }
  return parts(record).flatMap(([name, digest]) => (digest ? [{ name, digest }] : []));
}
