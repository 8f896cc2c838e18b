import { dirname, join } from 'node:path';
import { canonicalJson } from '../lib/canonical-json.ts';
import { MainstemError } from '../lib/errors.ts';
import { exists, writeFileAtomic } from '../lib/files.ts';
import { assertBorn, fileAt, headCommit } from '../lib/git.ts';
import { lockFile } from '../lib/layout.ts';
import { readTextIfThere } from '../lib/read-text.ts';
import { abbreviate, listSome } from '../lib/text.ts';
import type { Waiter } from '../lib/turn.ts';
import type {
  CheckedStore,
  GateResult,
  HeldBack,
  HeldBackFigures,
  ModelPointer,
  ModelRecord,
  Traffic,
} from '../schemas/index.ts';
import { missingArtefacts } from './artefacts.ts';
import { type Pointers, pointersDiffer, readPointers, uncommittedPointer } from './committed.ts';
import { describeTraffic } from './describe-traffic.ts';
import { buildLook, everyLook, withLooks } from './looks.ts';
import { type Channel, isTrial, lookPath, pointerPath, recordPath } from './paths.ts';
import {
  changedFiles,
  type ProjectState,
  projectFolder,
  readProjectState,
  stateDifferences,
} from './project-state.ts';
import { loadRecord } from './read.ts';
import { recordDigest } from './record-digest.ts';
import { endedTrials } from './trials.ts';
import { applyTreeChange, renderJson, withRepositoryTurn } from './write.ts';

/** What a promotion needs to know. */
export interface Promotion extends Waiter {
  readonly store: CheckedStore;
  /** As {@link settledRecord} gives it. */
  readonly candidate: ModelRecord;
  /** The run key of the working tree as it is now; the candidate's key must equal it. */
  readonly treeKey: string;
  /** The gates against the champion. */
  readonly gates: readonly GateResult[];
  /** Run that the gates were judged against; null if none served, left out if it does not matter. */
  readonly champion?: string | null;
  /** How to look at what is held back for promotions; left out where nothing is. */
  readonly heldBack?: HeldBackLooker;
  /** The uncommitted pointer of the working tree that was verified against HEAD and is to be committed first. */
  readonly pending?: ModelPointer | null;
  /** Source files that decided the run; with uncommitted ones nobody could rebuild the model. */
  readonly code: readonly string[];
  /** The text of data.lock.json for the commit, where the tree's holds what is of other projects; left out to commit it as it is. */
  readonly lock?: string | undefined;
  /** Places in the project's folder that stay out of the commit, whatever has changed there. */
  readonly exclude?: readonly string[];
  /** The project as it was before anything of it was read; left out if it cannot have changed. */
  readonly state?: ProjectState | undefined;
  readonly channel: Channel;
  /** Which requests go to it; for a canary or a shadow, and only for these. */
  readonly traffic?: Traffic | undefined;
  /** False leaves the record and the pointer in the working tree. */
  readonly commit: boolean;
}

/** Looks at the examples that are held back for promotions. */
export interface HeldBackLooker {
  /** Measures the candidate there. It is called once, when nothing else stands against the promotion. */
  readonly measure: () => Promise<HeldBackFigures>;
  /** In sentences. */
  readonly describe: (found: HeldBack) => string;
}

/** What a promotion did. */
export interface Promoted {
  readonly pointer: ModelPointer;
  /** The promotion commit; null if the tree was only written, or nothing changed. */
  readonly commit: string | null;
  /** Whether the pointer is another one than before. */
  readonly changed: boolean;
  /** The run that served before; null if there was none or nothing changed. */
  readonly replaced: string | null;
  /** The commit of what had been promoted in the working tree only, made before; null if there was nothing to commit. */
  readonly pending: string | null;
}

/**
 * Promotes a candidate: writes its record and the pointer, and commits them with the project's own changes
 * (params.json, data.lock.json, model.ts …) that were part of the experiment. All or nothing. What it replaces is what
 * HEAD serves; a pointer in the working tree counts only if it is the verified one.
 *
 * @throws MainstemError PROMOTE_STALE, PROMOTE_CHANGED, PROMOTE_OVERTAKEN, PROMOTE_ARTEFACT_MISSING, GATE_FAILED,
 *   PROMOTE_CLOCK, HELD_BACK_REFUSED, PROMOTE_DIRTY, GIT_FAILED, GIT_IDENTITY, GIT_HOOK_CHANGED, MODEL_POINTER_UNCOMMITTED,
 *   MODEL_RECORD_CHANGED, JSON_INVALID
 * @example
 * const { pointer, replaced } = await promote(promotion);
 * // pointer.run is '8d11c02e5a90', replaced '3f2a9c41d07b'
 */
export async function promote(promotion: Promotion): Promise<Promoted> {
  await assertPromotable(promotion);
  return withRepositoryTurn(promotion, () =>
    isTrial(promotion.channel) ? tryInTurn(promotion) : promoteInTurn(promotion),
  );
}

/**
 * Points a canary or a shadow to a candidate. Production stays what it is, word for word: the candidate was judged against it,
 * and is tried beside it. Examples that are held back are not looked at before it is promoted.
 */
async function tryInTurn(promotion: Promotion): Promise<Promoted> {
  const { root, candidate, channel, gates, traffic } = promotion;
  const { model, run } = candidate;
  const production = await readPointers(root, model, 'production');
  if (pointersDiffer(production))
    throw uncommittedPointer(model, 'production', production, 'it was not committed');
  const champion = production.committed;
  if (!champion) throw new MainstemError('TRIAL_NOTHING_SERVES', { model, channel });
  if (champion.run === run) throw new MainstemError('TRIAL_SERVES', { model, run, channel });
  assertSameChampion(promotion, champion);
  const record = recordPath(model, run);
  if (promotion.commit) await assertRecordKept(root, record);
  const { committed: before, tree } = await readPointers(root, model, channel);
  const pointer = { ...buildPointer(candidate, gates, champion), ...(traffic && { traffic }) };
  if (tree && canonicalJson(tree) === canonicalJson(pointer))
    return { pointer, commit: null, changed: false, replaced: null, pending: null };
  const files = {
    ...(!(await isCommitted(root, record)) && { [record]: renderJson(candidate) }),
    [pointerPath(model, channel)]: renderJson(pointer),
  };
  const include = promotion.commit ? await projectChanges(promotion) : [];
  const message = promotion.commit ? renderPromotionMessage(promotion, champion, pointer) : null;
  const beforeCommit = () => assertProjectUnchanged(promotion);
  const apart = await lockApart(promotion);
  const commit = await applyTreeChange(root, { files, include, apart, message, beforeCommit });
  return { pointer, commit, changed: true, replaced: before?.run ?? null, pending: null };
}

async function promoteInTurn(promotion: Promotion): Promise<Promoted> {
  const { root, candidate, channel, gates } = promotion;
  const pointers = await readPointers(root, candidate.model, channel);
  const pending = findPending(promotion, pointers);
  const champion = pending ?? pointers.committed;
  assertSameChampion(promotion, champion);
  const record = recordPath(candidate.model, candidate.run);
  if (promotion.commit) await assertRecordKept(root, record);
  const first = pending && (await commitPending(promotion, pending));
  if (champion?.record === recordDigest(candidate)) {
    if (pointersDiffer(pointers)) await writePointer(promotion, champion);
    return { pointer: champion, commit: null, changed: false, replaced: null, pending: first };
  }
  const look = await lookAtHeldBack(promotion);
  const pointer = buildPointer(candidate, gates, champion, look?.heldBack);
  const files = {
    ...look?.note,
    // A record is never written twice: what the same run measured again belongs to nobody's promotion.
    ...(!(await isCommitted(root, record)) && { [record]: renderJson(candidate) }),
    [pointerPath(candidate.model, channel)]: renderJson(pointer),
    ...(channel === 'production' && (await endedTrials(root, candidate))),
  };
  const include = promotion.commit ? await projectChanges(promotion) : [];
  const message = promotion.commit ? renderPromotionMessage(promotion, champion, pointer) : null;
  const beforeCommit = () => assertProjectUnchanged(promotion);
  const apart = await lockApart(promotion);
  const commit = await applyTreeChange(root, { files, include, apart, message, beforeCommit });
  return { pointer, commit, changed: true, replaced: champion?.run ?? null, pending: first };
}

/**
 * Looks at what is held back for promotions. The look is noted whatever comes of it: whoever tries until one passes will be seen
 * to have done so.
 *
 * @returns with the note of it, path → text, which is empty where it is noted already; null where nothing is held back
 */
async function lookAtHeldBack({
  root,
  candidate,
  heldBack: looker,
}: Promotion): Promise<{ heldBack: HeldBack; note: Record<string, string> } | null> {
  if (!looker) return null;
  const { model, run } = candidate;
  const looks = await everyLook(root, model, await headCommit(root));
  const figures = await looker.measure();
  const path = lookPath(model, run);
  const isNoted = await exists(join(root, path));
  const text = renderJson(buildLook(candidate, figures));
  const heldBack = withLooks(figures, looks, run);
  const failed = heldBack.gates.filter(({ passed }) => !passed);
  if (failed.length === 0) return { heldBack, note: isNoted ? {} : { [path]: text } };
  if (!isNoted) await writeFileAtomic(join(root, path), text);
  const reasons = failed.map(({ message }) => message).join('; ');
  throw new MainstemError('HELD_BACK_REFUSED', { model, run, failed: reasons, path });
}

/**
 * The uncommitted pointer that gets a commit of its own: otherwise the history would lack what is being replaced, and nobody
 * could go back to it. One of the candidate's own run is written again, with its gates as they were judged now.
 *
 * @throws MainstemError MODEL_POINTER_UNCOMMITTED for one that has not been verified, and for one that is missing
 */
function findPending({ candidate, channel, commit, pending }: Promotion, pointers: Pointers) {
  const { tree } = pointers;
  if (!commit || !pointersDiffer(pointers) || tree?.run === candidate.run) return null;
  if (tree && pending && canonicalJson(tree) === canonicalJson(pending)) return tree;
  const reason = tree ? `it names ${tree.run}, which was not verified` : 'it is missing';
  throw uncommittedPointer(candidate.model, channel, pointers, reason);
}

/** A record that is in git already counts as it is there: who changes it would be promoting other numbers. */
async function assertRecordKept(root: string, path: string): Promise<void> {
  const committed = await textAtHead(root, path);
  if (committed === null) return;
  const text = await readTextIfThere(join(root, path), path);
  if (text?.replaceAll('\r\n', '\n').trimEnd() === committed.trimEnd()) return;
  const found = text === null ? 'nothing' : 'another';
  const facts = { path, expected: 'the text that HEAD has', found };
  throw new MainstemError('MODEL_RECORD_CHANGED', facts);
}

async function isCommitted(root: string, path: string): Promise<boolean> {
  return (await textAtHead(root, path)) !== null;
}

async function textAtHead(root: string, path: string): Promise<string | null> {
  return (await headCommit(root)) === null ? null : fileAt(root, 'HEAD', path);
}

/** Puts the pointer that HEAD has back into the working tree. */
async function writePointer({ root, channel }: Promotion, pointer: ModelPointer): Promise<void> {
  const files = { [pointerPath(pointer.model, channel)]: renderJson(pointer) };
  await applyTreeChange(root, { files, include: [], message: null });
}

/**
 * The pointer that makes a candidate serve in place of the champion.
 *
 * @example buildPointer(candidate, gates, champion).champion // '3f2a9c41d07b', or null for a first model
 */
export function buildPointer(
  candidate: ModelRecord,
  gates: readonly GateResult[],
  champion: ModelPointer | null,
  heldBack: HeldBack | null = null,
): ModelPointer {
  return {
    version: 1,
    model: candidate.model,
    run: candidate.run,
    record: recordDigest(candidate),
    onnx: candidate.package.onnx.digest,
    gates: [...gates],
    champion: champion && champion.run !== candidate.run ? champion.run : null,
    ...(heldBack && { heldBack }),
  };
}

/** Commits a promotion that was only written to the working tree, as `npm start` does, and nothing else. */
async function commitPending(
  { root, channel }: Promotion,
  pointer: ModelPointer,
): Promise<string | null> {
  const { model, run } = pointer;
  const path = recordPath(model, run);
  const record = await loadRecord(root, model, run, pointer.record);
  const files = {
    ...(!(await isCommitted(root, path)) && { [path]: renderJson(record) }),
    [pointerPath(model, channel)]: renderJson(pointer),
  };
  const message = `Promote ${model} ${run}\n\nIt had been promoted in the working tree only.`;
  return applyTreeChange(root, { files, include: await changedLooks(root, model), message });
}

/** Notes of looks that are not in git yet: this run's own, and those of models that were refused. */
async function changedLooks(root: string, model: string): Promise<string[]> {
  return changedFiles(root, [dirname(lookPath(model, 'any'))]);
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
    if (failed.every(({ of }) => of === 'time') && Date.parse(candidate.createdAt) > Date.now())
      throw new MainstemError('PROMOTE_CLOCK', { ...facts, reason: messages });
    throw new MainstemError('GATE_FAILED', { ...facts, failed: messages });
  }
  if (promotion.commit) await assertCodeCommitted(promotion);
}

/** Another promotion or a rollback may have come first while this candidate was judged. */
function assertSameChampion(
  { candidate, champion }: Promotion,
  serving: ModelPointer | null,
): void {
  const found = serving?.run ?? null;
  if (champion === undefined || found === champion || found === candidate.run) return;
  const facts = { model: candidate.model, run: candidate.run };
  throw new MainstemError('PROMOTE_OVERTAKEN', { ...facts, found: found ?? 'nothing' });
}

/** Platform code that differs from HEAD would make the promotion commit unable to rebuild its own model. */
async function assertCodeCommitted({ root, code, candidate }: Promotion): Promise<void> {
  await assertBorn(root);
  const own = projectFolder(candidate.model);
  const changed = await changedFiles(
    root,
    [...code].filter((path) => !path.startsWith(own)),
  );
  if (changed.length > 0) {
    const facts = { model: candidate.model, run: candidate.run, files: listSome(changed) };
    throw new MainstemError('PROMOTE_DIRTY', facts);
  }
}

/** What the experiment changed and a reviewer should see next to the pointer. */
async function projectChanges(promotion: Promotion): Promise<string[]> {
  const { root, candidate, lock, exclude = [] } = promotion;
  const shared = lock === undefined ? [lockFile] : [];
  const changed = await changedFiles(root, [projectFolder(candidate.model), ...shared]);
  const isLeftOut = (path: string) =>
    exclude.some((place) => path === place || path.startsWith(`${place}/`));
  return [
    ...changed.filter((path) => !isLeftOut(path)),
    ...(await changedLooks(root, candidate.model)),
  ];
}

/** The lock for the commit, unless HEAD has that. */
async function lockApart({ root, lock }: Promotion): Promise<Record<string, string>> {
  if (lock === undefined || lock.trimEnd() === (await textAtHead(root, lockFile))) return {};
  return { [lockFile]: lock };
}

/** Parameters, lock and code that somebody saved since they were read would be committed beside a model of the old ones. */
async function assertProjectUnchanged({ root, candidate, state }: Promotion): Promise<void> {
  if (!state) return;
  const changed = stateDifferences(state, await readProjectState(root, candidate.model));
  if (changed.length === 0) return;
  const facts = { model: candidate.model, run: candidate.run, files: changed.join(', ') };
  throw new MainstemError('PROMOTE_CHANGED', facts);
}

function renderPromotionMessage(
  { candidate, channel, heldBack: looker }: Promotion,
  champion: ModelPointer | null,
  pointer: ModelPointer,
): string {
  const { gates, heldBack } = pointer;
  const target = channel === 'production' ? '' : ` to ${channel}`;
  const replaces = isTrial(channel)
    ? `${describeTraffic(channel, pointer.traffic)}, beside ${champion?.run ?? 'nothing'}.`
    : `Replaces ${champion?.run ?? 'nothing'}.`;
  const metrics = candidate.evaluation.metrics
    .map((metric) => `  ${metric.name} ${metric.value.toPrecision(4)}`)
    .join('\n');
  return [
    `Promote ${candidate.model} ${candidate.run}${target}`,
    `${replaces} Metrics on the test split:\n${metrics}`,
    `Gates:\n${gates.map((gate) => `  ${gate.message}`).join('\n') || '  none'}`,
    ...(looker && heldBack ? [looker.describe(heldBack)] : []),
  ].join('\n\n');
}
