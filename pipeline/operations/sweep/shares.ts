import { existsSync } from 'node:fs';
import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { MainstemError } from '../../../platform/lib/errors.ts';
import { exists } from '../../../platform/lib/files.ts';
import { type Digest, hexOf } from '../../../platform/lib/hash.ts';
import { readJson, writeJson } from '../../../platform/lib/json-file.ts';
import { makeFolder } from '../../../platform/lib/make-folder.ts';
import { readBytes } from '../../../platform/lib/read-text.ts';
import { writeFile } from '../../../platform/lib/write-file.ts';
import type { SweepReport } from '../../../platform/report/index.ts';
import { type SweepEnd, SweepShare, type SweepTrial } from '../../../platform/schemas/index.ts';
import type { Store } from '../../../platform/storage/index.ts';
import type { ProjectContext } from '../../context.ts';
import { loadSweep, type Sweep } from '../../sweep/index.ts';
import { concludeSweep } from './conclude-sweep.ts';
import { isKnownBeforehand } from './list-trials.ts';
import { trialsOf } from './sweep.ts';

/** In how many shares a sweep can be run on several machines. */
export interface PlannedShares {
  readonly shares: number;
  readonly trials: number;
  /** In one sentence. */
  readonly reason: string;
}

/**
 * Plans how a project's sweep is shared out. Where trials follow from the results of others, one machine runs it all.
 *
 * @throws MainstemError SWEEP_UNDEFINED, SWEEP_INVALID
 */
export async function planShares(
  { workspace, project }: ProjectContext,
  { most, trials: asked }: { readonly most: number; readonly trials?: number | undefined },
): Promise<PlannedShares> {
  const sweep = await loadSweep(workspace.root, project);
  const { method } = sweep.definition;
  const trials = trialsOf(sweep, asked);
  if (!isKnownBeforehand(sweep)) {
    const reason = `What ${method} tries follows from the results before it, so one runner tries everything.`;
    return { shares: 1, trials, reason };
  }
  const shares = Math.min(most, trials);
  return { shares, trials, reason: `${trials} trials by ${method}, shared out over ${shares}.` };
}

/** Writes what a share found where another job reads it: its trials, and the answers of its best and of today's. */
export async function writeShare(
  store: Store,
  report: SweepReport,
  { folder, share, shares }: { folder: string; share: number; shares: number },
): Promise<void> {
  const { project, id, trials, seconds, planned, ended, best } = report;
  await makeFolder(folder);
  for (const { trial, predictions } of trials) {
    if (!predictions || (trial !== 0 && trial !== best)) continue;
    await writeFile(blobPath(folder, predictions.digest), await store.get(predictions.digest));
  }
  const facts = { project: project.name, id, trials, seconds, planned, ended, share, shares };
  await writeJson(join(folder, shareFile), { version: 1, ...facts });
}

const shareFile = 'share.json';

function blobPath(folder: string, digest: Digest): string {
  return join(folder, `${hexOf(digest)}.jsonl`);
}

/**
 * Puts together what several jobs found. They read it as data: the bytes are kept under the digest that they have.
 *
 * @param folder with a folder for each share
 * @throws MainstemError SWEEP_SHARES_DIFFER, SWEEP_SHARES_MISSING, JSON_INVALID, STORE_MISSING
 */
export async function joinShares(context: ProjectContext, folder: string): Promise<SweepReport> {
  const { workspace, project, store } = context;
  const sweep = await loadSweep(workspace.root, project);
  const found = await readShares(folder, project.definition.name);
  for (const { path, share } of found) await takeAnswers(store, path, share.trials);
  const [first] = found;
  if (!first) throw new MainstemError('SWEEP_SHARES_MISSING', { project: project.definition.name });
  const { id, planned, shares } = first.share;
  const differing = found.find(({ share }) => share.id !== id || share.shares !== shares);
  if (differing) throw new MainstemError('SWEEP_SHARES_DIFFER', { share: differing.share.share });
  const all = found.flatMap(({ share }) => share.trials);
  const known = new Map(all.toReversed().map((trial) => [trial.trial, trial]));
  assertSearched(sweep, all);
  const seconds = Math.max(...found.map(({ share }) => share.seconds));
  return concludeSweep(
    {
      ...{ context, sweep, id, known, trials: planned, seconds: () => seconds },
      repeat: async () => {},
    },
    endOf(found.map(({ share }) => share)),
  );
}

async function readShares(
  folder: string,
  project: string,
): Promise<{ path: string; share: SweepShare }[]> {
  const names = (await exists(folder)) ? (await readdir(folder)).sort() : [];
  const paths = [folder, ...names.map((name) => join(folder, name))];
  const found = await Promise.all(
    paths
      .filter((path) => existsSync(join(path, shareFile)))
      .map(async (path) => ({ path, share: await readJson(join(path, shareFile), SweepShare) })),
  );
  return found
    .filter(({ share }) => share.project === project)
    .sort((a, b) => a.share.share - b.share.share);
}

/** A trial whose answers are not what it says they are has none here. */
async function takeAnswers(
  store: Store,
  folder: string,
  trials: readonly SweepTrial[],
): Promise<void> {
  for (const { predictions } of trials) {
    if (!predictions) continue;
    const path = blobPath(folder, predictions.digest);
    if (await exists(path)) await store.put(await readBytes(path), predictions.mediaType);
  }
}

/** A trial changes what the sweep searches, and nothing else. @throws MainstemError SWEEP_SHARES_DIFFER */
function assertSearched({ dimensions }: Sweep, trials: readonly SweepTrial[]): void {
  const searched = new Set(dimensions.map(({ key }) => key));
  const foreign = trials.find(({ values }) =>
    Object.keys(values).some((key) => !searched.has(key)),
  );
  if (foreign)
    throw new MainstemError('SWEEP_SHARES_DIFFER', { share: `with trial ${foreign.trial}` });
}

function endOf(shares: readonly SweepShare[]): SweepEnd {
  if (shares.length < (shares[0]?.shares ?? 1)) return 'partial';
  const ends = shares.map(({ ended }) => ended);
  return ends.find((end) => end === 'time') ?? ends.find((end) => end !== 'complete') ?? 'complete';
}
