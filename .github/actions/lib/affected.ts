import { basename } from 'node:path';
import { isDeepStrictEqual } from 'node:util';
import { fileAt } from '../../../platform/lib/git.ts';
import { lockFile, projectsFolder } from '../../../platform/lib/layout.ts';
import {
  history,
  isLookPath,
  isRecordPath,
  pointerAt,
  pointerPath,
  trialChannels,
  undoneRuns,
} from '../../../platform/registry/index.ts';
import { loadProject } from '../../../platform/schemas/define/index.ts';
import { datasetsOf } from '../../../platform/storage/index.ts';
import { type Plan, readPlan } from './bundle.ts';
import type { ChangedFile } from './fetch-commit.ts';
import { runAttempt } from './pull-request.ts';

/** A change, as the trusted job sees it. */
export interface SeenChange {
  readonly root: string;
  readonly base: string;
  readonly head: string;
  readonly changed: readonly ChangedFile[];
  /** The projects of the default branch. */
  readonly known: readonly string[];
  /** Folder of the experiment's artefacts; '' without an experiment. */
  readonly downloads: string;
}

/** Pointers by which the public is answered, or something is tried on it. */
const judgedChannels = ['production', ...trialChannels] as const;

/**
 * The projects that have to be judged: those that the experiment planned, and those whose lock, parameters or pointer
 * differ whatever the plan says, since a pull request writes its own plan.
 */
export async function affectedProjects(
  change: SeenChange,
): Promise<{ names: string[]; notices: string[]; blocked: string | null }> {
  const { known, changed, downloads } = change;
  const plan = downloads ? await readPlan(downloads, runAttempt()) : null;
  const planned = new Set(plan?.affected ?? []);
  const names: string[] = [];
  for (const name of known) {
    const own = judgedChannels.map((channel) => pointerPath(name, channel));
    const pointer = changed.some(({ path }) => own.includes(path));
    if (planned.has(name) || pointer || (await inputsDiffer(change, name))) names.push(name);
  }
  const strangers = [...planned].filter((name) => !known.includes(name));
  const notices = strangers.map(
    (name) =>
      `${name} is a new project: the default branch does not know how to measure it. Merge its definition first; ` +
      'the next pull request that trains it is judged and can promote.',
  );
  const blocked = (await recordsTouched(change)) ?? unplanned(downloads, plan);
  return { names, notices, blocked };
}

/** Whether the parameters or the project's locked data differ, as values: how a file is written changes nothing. */
async function inputsDiffer(
  { root, base, head, changed }: SeenChange,
  name: string,
): Promise<boolean> {
  const parameters = `${projectsFolder}/${name}/params.json`;
  const touched = (path: string) => changed.some((file) => file.path === path);
  const at = async (path: string) => [
    await valueAt(root, base, path),
    await valueAt(root, head, path),
  ];
  if (touched(parameters)) {
    const [before, after] = await at(parameters);
    if (!isDeepStrictEqual(before, after)) return true;
  }
  if (!touched(lockFile)) return false;
  const [before, after] = await at(lockFile);
  const datasets = datasetsOf(await loadProject(root, name));
  return datasets.some(
    (dataset) => !isDeepStrictEqual(lockedIn(before, dataset), lockedIn(after, dataset)),
  );
}

/** A dataset's part of a lock that nobody has checked yet. */
function lockedIn(lock: unknown, { name }: { readonly name: string }): unknown {
  if (typeof lock !== 'object' || lock === null || !('datasets' in lock)) return lock;
  const { datasets } = lock;
  if (typeof datasets !== 'object' || datasets === null) return lock;
  return Object.entries(datasets).find(([key]) => key === name)?.[1] ?? null;
}

async function valueAt(root: string, commit: string, path: string): Promise<unknown> {
  const text = await fileAt(root, commit, path);
  try {
    return text === null ? null : JSON.parse(text);
  } catch {
    return text;
  }
}

/** What was not planned was not looked at: that must not pass for "nothing affected". */
function unplanned(downloads: string, plan: Plan | null): string | null {
  if (downloads === '' || plan !== null) return null;
  return 'The experiment ended before it had planned anything: see its run.';
}

/** Why a pull request may not be merged whatever its models are; null if nothing is wrong. */
async function recordsTouched(change: SeenChange): Promise<string | null> {
  const isKept = (path: string) => isRecordPath(path) || isLookPath(path);
  const touched = change.changed.filter(({ path, status }) => isKept(path) && status !== 'added');
  for (const { path, status } of touched) {
    if (status === 'removed' && (await isUndone(change, path))) continue;
    return `${path} is ${status}: a record is never changed or deleted.`;
  }
  return null;
}

/** Whether a pointer comes back that served before the run of this record did: a revert takes the record away. */
async function isUndone({ root, base, head }: SeenChange, path: string): Promise<boolean> {
  const [, model = ''] = path.split('/');
  for (const channel of judgedChannels) {
    const past = await history(root, model, channel, base);
    const pointer = await pointerAt(root, head, model, channel);
    if (undoneRuns(pointer, past).has(basename(path, '.json'))) return true;
  }
  return false;
}

/** What a reviewer should look at, because the pull request changes what judges it. */
export function noticesOf(changed: readonly ChangedFile[], known: readonly string[]): string[] {
  const judges: readonly [RegExp, string][] = [
    [/^\.github\//, 'workflows or actions'],
    [/^platform\/quality\/gates\/|^pipeline\/operations\/(judge|verify)/, 'how gates judge'],
    [
      /^pipeline\/(evaluation|prepare)\/|^platform\/(quality\/metrics|transforms)\//,
      'the evaluator',
    ],
    ...known.map((name): [RegExp, string] => [
      new RegExp(`^${projectsFolder}/${name}/project\\.ts$`),
      `the definition and gates of ${name}`,
    ]),
  ];
  const found = judges.filter(([pattern]) => changed.some(({ path }) => pattern.test(path)));
  if (found.length === 0) return [];
  const what = found.map(([, name]) => name).join(', ');
  return [
    `This pull request changes ${what}. It was judged by the default branch's, not by its own.`,
  ];
}
