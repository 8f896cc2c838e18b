import { dirname, join } from 'node:path';
import { canonicalJson } from '../lib/canonical-json.ts';
import { MainstemError } from '../lib/errors.ts';
import { exists, writeFileAtomic } from '../lib/files.ts';
import { headCommit } from '../lib/git.ts';
import { lockFile } from '../lib/layout.ts';
import type { GateResult, HeldBack, ModelPointer, ModelRecord } from '../schemas/index.ts';
import {
  assertProjectUnchanged,
  assertPromotable,
  assertRecordKept,
  assertSameChampion,
} from './assert-promotable.ts';
import {
  isAtHead,
  type Pointers,
  pointersDiffer,
  readPointers,
  textAtHead,
  uncommittedPointer,
} from './committed.ts';
import { buildLook, everyLook, withLooks } from './looks.ts';
import { isTrial, lookPath, pointerPath, recordPath } from './paths.ts';
import { changedFiles, projectFolder } from './project-state.ts';
import type { Promoted, Promotion } from './promotion.ts';
import { loadRecord } from './read.ts';
import { recordDigest } from './record-digest.ts';
import { renderPromotionMessage } from './render-promotion-message.ts';
import { endedTrials } from './trials.ts';
import { applyTreeChange, renderJson, type TreeChange, withRepositoryTurn } from './write.ts';

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
  if (promotion.commit) await assertRecordKept(root, recordPath(model, run));
  const { committed: before, tree } = await readPointers(root, model, channel);
  const pointer = { ...buildPointer(candidate, gates, champion), ...(traffic && { traffic }) };
  if (tree && canonicalJson(tree) === canonicalJson(pointer))
    return { pointer, commit: null, changed: false, replaced: null, pending: null };
  const files = await servingFiles(promotion, pointer);
  const commit = await applyPromotion(promotion, champion, { pointer, files });
  return { pointer, commit, changed: true, replaced: before?.run ?? null, pending: null };
}

async function promoteInTurn(promotion: Promotion): Promise<Promoted> {
  const { root, candidate, channel, gates } = promotion;
  const pointers = await readPointers(root, candidate.model, channel);
  const pending = findPending(promotion, pointers);
  const champion = pending ?? pointers.committed;
  assertSameChampion(promotion, champion);
  if (promotion.commit) await assertRecordKept(root, recordPath(candidate.model, candidate.run));
  const first = pending && (await commitPending(promotion, pending));
  if (champion?.record === recordDigest(candidate)) {
    if (pointersDiffer(pointers)) await writePointer(promotion, champion);
    return { pointer: champion, commit: null, changed: false, replaced: null, pending: first };
  }
  const look = await lookAtHeldBack(promotion);
  const pointer = buildPointer(candidate, gates, champion, look?.heldBack);
  const files = {
    ...look?.note,
    ...(await servingFiles(promotion, pointer)),
    ...(channel === 'production' && (await endedTrials(root, candidate))),
  };
  const commit = await applyPromotion(promotion, champion, { pointer, files });
  return { pointer, commit, changed: true, replaced: champion?.run ?? null, pending: first };
}

/** What makes a candidate serve, path → text. */
async function servingFiles(
  { root, candidate, channel }: Promotion,
  pointer: ModelPointer,
): Promise<Record<string, string>> {
  const record = recordPath(candidate.model, candidate.run);
  return {
    // A record is never written twice: what the same run measured again belongs to nobody's promotion.
    ...(!(await isAtHead(root, record)) && { [record]: renderJson(candidate) }),
    [pointerPath(candidate.model, channel)]: renderJson(pointer),
  };
}

/** Writes the files of a promotion, and commits them with the project's own changes if it asks for that. @returns the commit */
async function applyPromotion(
  promotion: Promotion,
  champion: ModelPointer | null,
  { pointer, files }: { readonly pointer: ModelPointer; readonly files: TreeChange['files'] },
): Promise<string | null> {
  const include = promotion.commit ? await projectChanges(promotion) : [];
  const message = promotion.commit ? renderPromotionMessage(promotion, champion, pointer) : null;
  const beforeCommit = () => assertProjectUnchanged(promotion);
  const apart = await lockApart(promotion);
  return applyTreeChange(promotion.root, { files, include, apart, message, beforeCommit });
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
    ...(!(await isAtHead(root, path)) && { [path]: renderJson(record) }),
    [pointerPath(model, channel)]: renderJson(pointer),
  };
  const message = `Promote ${model} ${run}\n\nIt had been promoted in the working tree only.`;
  return applyTreeChange(root, { files, include: await changedLooks(root, model), message });
}

/** Notes of looks that are not in git yet: this run's own, and those of models that were refused. */
async function changedLooks(root: string, model: string): Promise<string[]> {
  return changedFiles(root, [dirname(lookPath(model, 'any'))]);
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
