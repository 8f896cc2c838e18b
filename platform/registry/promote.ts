import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { MainstemError } from '../lib/errors.ts';
import { git } from '../lib/git.ts';
import { digestBytes } from '../lib/hash.ts';
import { lockFile, projectsFolder } from '../lib/layout.ts';
import { abbreviate } from '../lib/text.ts';
import type { BlobStore, GateResult, ModelPointer, ModelRecord } from '../schemas/index.ts';
import { missingArtefacts } from './artefacts.ts';
import { type Channel, pointerPath, recordPath } from './paths.ts';
import { readPointer } from './read.ts';
import { applyTreeChange, committedJson } from './write.ts';

/** What a promotion needs to know. */
export interface Promotion {
  readonly root: string;
  readonly store: BlobStore;
  readonly candidate: ModelRecord;
  /** The key that the working tree gives now; the candidate must be what the tree describes. */
  readonly treeKey: string;
  /** The gates against the champion that serves now. */
  readonly gates: readonly GateResult[];
  /** Source files that decided the run; uncommitted ones would make the promotion unprovable. */
  readonly code: readonly string[];
  readonly channel: Channel;
  /** False leaves record and pointer in the working tree. */
  readonly commit: boolean;
}

export interface Promoted {
  readonly pointer: ModelPointer;
  /** The promotion commit; null if the tree was only written, or nothing changed. */
  readonly commit: string | null;
  readonly replaced: string | null;
}

/**
 * Promotes a candidate: writes its record and the pointer, and commits them with the project's own changes
 * (params.json, data.lock.json, model.ts …) that were part of the experiment. All or nothing.
 *
 * @throws MainstemError PROMOTE_STALE, PROMOTE_ARTEFACT_MISSING, GATE_FAILED, PROMOTE_DIRTY, GIT_FAILED
 */
export async function promote(promotion: Promotion): Promise<Promoted> {
  const { root, candidate, channel, gates } = promotion;
  await assertPromotable(promotion);
  const champion = await readPointer(root, candidate.model, channel);
  const pointer = buildPointer(candidate, gates, champion);
  const settled = promotion.commit ? await commitPending(promotion, champion) : null;
  if (champion?.record === pointer.record) {
    return { pointer: champion, commit: settled, replaced: null };
  }
  const files = {
    [recordPath(candidate.model, candidate.run)]: committedJson(candidate),
    [pointerPath(candidate.model, channel)]: committedJson(pointer),
  };
  const include = promotion.commit ? await projectChanges(promotion) : [];
  const message = promotion.commit ? promotionMessage(candidate, channel, champion, gates) : null;
  const commit = await applyTreeChange(root, { files, include, message });
  return { pointer, commit, replaced: champion?.run ?? null };
}

/** The pointer that makes a candidate serve in the champion's place. */
export function buildPointer(
  candidate: ModelRecord,
  gates: readonly GateResult[],
  champion: ModelPointer | null,
): ModelPointer {
  return {
    version: 1,
    model: candidate.model,
    run: candidate.run,
    record: digestBytes(committedJson(candidate)),
    onnx: candidate.package.onnx.digest,
    gates: [...gates],
    champion: champion && champion.run !== candidate.run ? champion.run : null,
  };
}

/**
 * A promotion that was only written to the working tree (as `npm start` does) becomes a commit of its own first;
 * otherwise the history would not know what is being replaced, and nobody could go back to it.
 */
async function commitPending(
  { root, candidate, channel }: Promotion,
  champion: ModelPointer | null,
): Promise<string | null> {
  if (!champion) return null;
  const { model, run } = champion;
  const files = [recordPath(model, run), pointerPath(model, channel)];
  // What else has changed since belongs to the candidate, unless that is the same run.
  const include = run === candidate.run ? [...files, lockFile] : files;
  const changed = await changedFiles(root, include);
  if (changed.length === 0) return null;
  const message = `Promote ${model} ${run}\n\nIt was promoted in the working tree before.`;
  return applyTreeChange(root, { files: {}, include: changed, message });
}

async function assertPromotable(promotion: Promotion): Promise<void> {
  const { candidate, treeKey, store, gates } = promotion;
  const facts = { model: candidate.model, run: candidate.run };
  if (candidate.key !== treeKey) {
    throw new MainstemError('PROMOTE_STALE', { ...facts, tree: abbreviate(treeKey) });
  }
  const missing = await missingArtefacts(store, candidate);
  if (missing.length > 0) {
    const names = missing.map(({ name, artefact }) => `${name} ${artefact.digest}`).join(', ');
    throw new MainstemError('PROMOTE_ARTEFACT_MISSING', { ...facts, missing: names });
  }
  const failed = gates.filter((gate) => !gate.passed);
  if (failed.length > 0) {
    const messages = failed.map((gate) => gate.message).join('; ');
    throw new MainstemError('GATE_FAILED', { ...facts, failed: messages });
  }
  if (promotion.commit) await assertCodeCommitted(promotion);
}

/** Platform code that differs from HEAD would make the promotion commit unable to rebuild its own model. */
async function assertCodeCommitted({ root, code, candidate }: Promotion): Promise<void> {
  const own = projectFolder(candidate.model);
  const changed = await changedFiles(
    root,
    [...code].filter((path) => !path.startsWith(own)),
  );
  if (changed.length > 0) {
    const facts = { model: candidate.model, run: candidate.run, files: changed.join(', ') };
    throw new MainstemError('PROMOTE_DIRTY', facts);
  }
}

/** What the experiment changed and a reviewer should see beside the pointer. */
async function projectChanges({ root, candidate }: Promotion): Promise<string[]> {
  return changedFiles(root, [projectFolder(candidate.model), lockFile]);
}

/** What belongs to the project that a model is of, relative to the repository. */
function projectFolder(model: string): string {
  return `${projectsFolder}/${model}/`;
}

async function changedFiles(root: string, paths: readonly string[]): Promise<string[]> {
  const there = paths.filter((path) => existsSync(join(root, path)));
  if (there.length === 0) return [];
  const status = await git(
    root,
    'status',
    '--porcelain',
    '-z',
    '--no-renames',
    '-uall',
    '--',
    ...there,
  );
  return status
    .split('\0')
    .filter(Boolean)
    .map((entry) => entry.slice(3));
}

function promotionMessage(
  candidate: ModelRecord,
  channel: Channel,
  champion: ModelPointer | null,
  gates: readonly GateResult[],
): string {
  const target = channel === 'production' ? '' : ` to ${channel}`;
  const metrics = candidate.evaluation.metrics
    .map((metric) => `  ${metric.name} ${metric.value.toPrecision(4)}`)
    .join('\n');
  return [
    `Promote ${candidate.model} ${candidate.run}${target}`,
    `Replaces ${champion?.run ?? 'nothing'}. Metrics on the test split:\n${metrics}`,
    `Gates:\n${gates.map((gate) => `  ${gate.message}`).join('\n') || '  none'}`,
  ].join('\n\n');
}
