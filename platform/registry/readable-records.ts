import { posix } from 'node:path';
import { isMainstemError } from '../lib/errors.ts';
import { git, otherwise } from '../lib/git.ts';
import type { ModelRecord } from '../schemas/index.ts';
import { listRuns } from './find.ts';
import { recordPath } from './paths.ts';
import { loadRecord, parseRecord } from './read.ts';

/** Records of a model in the working tree, for what is only counted: those that cannot be read are left out. */
export async function readableRecords(root: string, model: string): Promise<ModelRecord[]> {
  const runs = (await listRuns(root)).filter((found) => found.model === model);
  return readEach(runs, ({ run }) => loadRecord(root, model, run));
}

/**
 * Records of a model in some commits, which nobody may have reviewed, for what is only counted: those that cannot be read
 * are left out.
 *
 * @returns one of each run, from the first commit that has it
 * @throws MainstemError GIT_FAILED
 */
export async function recordsAt(
  root: string,
  model: string,
  commits: readonly string[],
): Promise<ModelRecord[]> {
  const places = new Map<string, string>();
  for (const commit of commits) {
    for (const run of await runsAt(root, model, commit)) {
      if (!places.has(run)) places.set(run, commit);
    }
  }
  return readEach([...places], async ([run, commit]) => {
    const text = await git(root, 'show', '--end-of-options', `${commit}:${recordPath(model, run)}`);
    return parseRecord(text, { model, run });
  });
}

async function runsAt(root: string, model: string, commit: string): Promise<string[]> {
  const folder = posix.dirname(recordPath(model, ''));
  const listed = await git(
    root,
    'ls-tree',
    '--name-only',
    '--end-of-options',
    commit,
    '--',
    `${folder}/`,
  );
  const names = listed.split('\n');
  return names.flatMap((path) => /\/([0-9a-f]{12})\.json$/.exec(path)?.[1] ?? []);
}

async function readEach<Place>(
  places: readonly Place[],
  read: (place: Place) => Promise<ModelRecord>,
): Promise<ModelRecord[]> {
  const found: ModelRecord[] = [];
  for (const place of places) {
    const record = await read(place).catch((error: unknown) => {
      if (isMainstemError(error)) return otherwise(null)(error);
      throw error;
    });
    if (record) found.push(record);
  }
  return found;
}
