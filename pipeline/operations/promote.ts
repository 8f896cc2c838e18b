import { canonicalJson } from '../../platform/lib/canonical-json.ts';
import { isMainstemError, MainstemError } from '../../platform/lib/errors.ts';
import { fileAt, otherwise } from '../../platform/lib/git.ts';
import { lockFile, projectsFolder } from '../../platform/lib/layout.ts';
import { ownValue } from '../../platform/lib/own-value.ts';
import { listSome } from '../../platform/lib/text.ts';
import { describeHeldBack } from '../../platform/quality/index.ts';
import {
  type Channel,
  finishTreeChanges,
  isTrial,
  loadCommitted,
  loadRecord,
  missingArtefacts,
  type ProjectState,
  type Promoted,
  type Promotion,
  promote,
  readPointers,
  readTrials,
  settledRecord,
  uncommittedPointer,
} from '../../platform/registry/index.ts';
import type {
  CheckedStore,
  DataLock,
  GateResult,
  ModelPointer,
  ModelRecord,
  Traffic,
} from '../../platform/schemas/index.ts';
import {
  datasetsOf,
  isStoreError,
  lockedOf,
  parseLock,
  pickDatasets,
  readStatus,
  renderLock,
  withLockTurn,
} from '../../platform/storage/index.ts';
import { challenge } from '../challenge.ts';
import { championOf } from '../champion.ts';
import { checkCopies } from '../check-copies.ts';
import { checkInputs } from '../check-inputs.ts';
import type { ProjectContext } from '../context.ts';
import { measureHeldBack } from '../measure-held-back.ts';
import { pageOf, readCandidate } from '../record.ts';
import { computeRunKey } from '../run-key.ts';
import { loadServing } from './load-serving.ts';

/** Where a candidate is promoted to. */
export interface PromotionTarget {
  readonly channel: Channel;
  /** Which requests go to it, for a canary or a shadow. */
  readonly traffic?: Traffic;
  /** False leaves record and pointer in the working tree. */
  readonly commit: boolean;
  /** The project as it was before the context was opened. */
  readonly state?: ProjectState;
}

/** A candidate that was judged just now. */
export interface JudgedCandidate {
  readonly candidate: ModelRecord;
  /** The results against what serves now. */
  readonly gates: readonly GateResult[];
  /** Run that they were judged against, which serves; null if none does. */
  readonly champion: string | null;
  /** The uncommitted pointer that the champion is, verified; left out or null if HEAD has it. */
  readonly pending?: ModelPointer | null;
  /** The key that the working tree gives now. */
  readonly treeKey: string;
}

/**
 * Promotes the candidate that the last experiment left, after comparing it with what serves now. The texts of its page are
 * those of `project.ts` now, which no run depends on.
 *
 * @throws MainstemError PROMOTE_NO_CANDIDATE, MODEL_POINTER_UNCOMMITTED, PROMOTE_CHAMPION_MISSING if the champion's artefacts
 *   are not in the store, and what {@link promote} throws
 */
export async function promoteCandidate(
  context: ProjectContext,
  target: PromotionTarget,
): Promise<Promoted> {
  const { root } = context.workspace;
  const { name } = context.project.definition;
  await finishTreeChanges(context.workspace);
  const last = (await readCandidate(root, name)) ?? (await readTried(root, name));
  if (!last) throw new MainstemError('PROMOTE_NO_CANDIDATE', { model: name });
  const made = { ...last, page: pageOf(context.project) };
  const candidate = await settledRecord(root, made);
  const { serving, pending } = await loadReplaced(context, target, candidate);
  const champion = serving && serving.run !== candidate.run ? serving : null;
  const { key: treeKey } = await computeRunKey(context, { record: candidate });
  const { gates, incomparable } = await challenge(context, candidate, championOf(champion)).catch(
    nameChampion(context.store, champion),
  );
  if (incomparable !== null) warnOfUnknownLoss(context, candidate, incomparable);
  const inputs = candidate.key === treeKey ? checkInputs(context, candidate) : [];
  // A record in the tree may be of another machine, and counts as it is.
  const copies =
    candidate === made && candidate.key === treeKey ? await checkCopies(context, candidate) : [];
  const judged = {
    candidate,
    gates: [...gates, ...inputs, ...copies],
    treeKey,
    champion: serving?.run ?? null,
    pending,
  };
  return promoteJudged(context, judged, target);
}

/** A gate that demands a comparison fails; where none does, nobody should take the promotion for one that was compared. */
function warnOfUnknownLoss(
  { workspace }: ProjectContext,
  { model, run }: ModelRecord,
  incomparable: string,
): void {
  workspace.reporter.warn(
    `${model} ${run} was not compared with the model that serves, and may be worse: ${incomparable}.`,
  );
}

/** For `.catch` of a comparison: a blob of the champion that the store lacks is said to be that. */
function nameChampion(
  store: CheckedStore,
  champion: ModelRecord | null,
): (error: unknown) => Promise<never> {
  return async (error) => {
    if (!champion || !isStoreError(error)) throw error;
    const missing = await missingArtefacts(store, champion);
    if (!missing.some(({ artefact }) => artefact.digest === error.details.digest)) throw error;
    const names = missing.map(({ name }) => name).join(', ');
    const facts = { model: champion.model, run: champion.run, missing: names };
    throw new MainstemError('PROMOTE_CHAMPION_MISSING', facts, { cause: error });
  };
}

/** Where no experiment was run here, the version that is tried is what is promoted; or a shadow becomes a canary. */
async function readTried(root: string, name: string): Promise<ModelRecord | null> {
  const [trial] = await readTrials(root, name);
  return trial ? loadRecord(root, name, trial.pointer.run, trial.pointer.record) : null;
}

/**
 * What a promotion replaces. One that is not committed cannot commit another one first: only what HEAD has counts for it.
 *
 * @throws MainstemError MODEL_POINTER_UNCOMMITTED
 */
async function loadReplaced(
  context: ProjectContext,
  { channel, commit }: PromotionTarget,
  { model, run }: ModelRecord,
): Promise<{ serving: ModelRecord | null; pending: ModelPointer | null }> {
  const { root } = context.workspace;
  if (!commit || isTrial(channel)) {
    const { committed } = await readPointers(
      root,
      model,
      isTrial(channel) ? 'production' : channel,
    );
    return { serving: committed && (await loadCommitted(root, committed)).record, pending: null };
  }
  const { promoted, pending, fault, pointers } = await loadServing(context, channel, run);
  if (fault !== null) throw uncommittedPointer(model, channel, pointers, fault);
  return { serving: promoted?.record ?? null, pending };
}

/** Promotes a candidate that was judged before. @throws MainstemError what {@link promote} throws */
export async function promoteJudged(
  context: ProjectContext,
  judged: JudgedCandidate,
  target: PromotionTarget,
): Promise<Promoted> {
  const code = await codeOf(context, judged.candidate);
  const { workspace, store } = context;
  const exclude = target.commit ? await findUnlocked(context) : [];
  const lock = target.commit ? await ownLock(context) : undefined;
  const looker = createLooker(context, judged);
  const work = () =>
    promote({ ...workspace, store, ...judged, code, exclude, lock, ...target, ...looker });
  // For a moment the tree has the lock of the commit, on which nobody else may build.
  return lock === undefined ? work() : withLockTurn(workspace, work);
}

/** How a promotion looks at what is held back, against the champion of the judgement. */
function createLooker(
  context: ProjectContext,
  { candidate, champion }: JudgedCandidate,
): Pick<Promotion, 'heldBack'> {
  if (context.project.definition.split.heldBack === undefined) return {};
  const { root } = context.workspace;
  const isOther = champion !== null && champion !== candidate.run;
  const measure = async () => {
    const record = isOther ? await loadRecord(root, candidate.model, champion) : null;
    return measureHeldBack(context, candidate, championOf(record));
  };
  return { heldBack: { measure, describe: describeHeldBack } };
}

/** Where in the project's folder data lies that is not what the lock says; warns of it. */
async function findUnlocked(context: ProjectContext): Promise<string[]> {
  const { workspace, store, lock, project } = context;
  const { name } = project.definition;
  const own = `${projectsFolder}/${name}/`;
  if (!datasetsOf(project).some(({ path }) => path.startsWith(own))) return [];
  const status = await readStatus(workspace, store, lock, project);
  const changed = status.filter(({ path, state }) => state === 'changed' && path.startsWith(own));
  for (const { path } of changed) {
    workspace.reporter.warn(
      `${path} is not what data.lock.json says: the promotion leaves it out. "npx mainstem lock ${name}" takes the change in.`,
    );
  }
  return changed.map(({ path }) => path);
}

/**
 * The lock is one file, and may hold what was locked for other projects since the last commit, whose own changes stay where they
 * are: committed without them, theirs would be data that nobody has proposed.
 *
 * @returns the text of HEAD's lock with this project's data of now; undefined where that is all that has changed, or where HEAD's
 *   cannot be read
 */
async function ownLock({ workspace, lock, project }: ProjectContext): Promise<string | undefined> {
  const { root, reporter } = workspace;
  const committed = readCommitted(await fileAt(root, 'HEAD', lockFile).catch(otherwise(null)));
  if ('fault' in committed) {
    reporter.warn(
      `${committed.fault} That is what HEAD has: this commit replaces it by the ${lockFile} of the working tree, what was locked for other projects included.`,
    );
    return undefined;
  }
  const own = new Set(lockedOf(project).map(({ name }) => name));
  const names = [...new Set([...Object.keys(committed.datasets), ...Object.keys(lock.datasets)])];
  const foreign = names.filter((name) => {
    const [before, now] = [committed, lock].map(({ datasets }) => ownValue(datasets, name));
    return !own.has(name) && canonicalJson(before ?? null) !== canonicalJson(now ?? null);
  });
  if (foreign.length === 0) return undefined;
  reporter.info(`What changed of ${listSome(foreign)} in ${lockFile} stays out of this commit.`);
  const others = new Set(Object.keys(committed.datasets).filter((name) => !own.has(name)));
  const datasets = {
    ...pickDatasets(committed, others).datasets,
    ...pickDatasets(lock, own).datasets,
  };
  return renderLock({ version: 1, datasets });
}

/** HEAD's lock, or why nobody can read it: a promotion may be what repairs it. */
function readCommitted(text: string | null): DataLock | { readonly fault: string } {
  try {
    return parseLock(text);
  } catch (error) {
    if (!isMainstemError(error)) throw error;
    return { fault: error.message };
  }
}

/** The source files (relative to the repository) that decided a run, from the records of its stages. */
async function codeOf({ store }: ProjectContext, record: ModelRecord): Promise<string[]> {
  const records = await Promise.all(
    Object.values(record.stages).map((key) => store.readRecord(key)),
  );
  const files = records.flatMap((stage) => Object.keys(stage?.ingredients.code ?? {}));
  return [...new Set(files)].sort();
}
