import { existsSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { canonicalJson } from '../lib/canonical-json.ts';
import { assertRevision, gitEntries } from '../lib/git.ts';
import { assertCheckedOut } from '../lib/sparse-checkout.ts';
import { abbreviate } from '../lib/text.ts';
import type {
  CheckedStore,
  GateResult,
  HeldBackFigures,
  ModelPointer,
  ModelRecord,
} from '../schemas/index.ts';
import { missingArtefacts } from './artefacts.ts';
import { findHeldBackFaults } from './check-held-back.ts';
import { pointerAt } from './committed.ts';
import { describeTraffic } from './describe-traffic.ts';
import { findLinks } from './find-links.ts';
import { findPointerFaults } from './find-pointer-faults.ts';
import { type HistoryEntry, history } from './history.ts';
import { isAlike } from './is-alike.ts';
import { everyLook } from './looks.ts';
import {
  type Channel,
  isTrial,
  lookPath,
  pointerPath,
  recordPath,
  trialChannels,
} from './paths.ts';
import { loadPromoted, type PromotedModel, readPointer } from './read.ts';
import { undoneRuns } from './undone-runs.ts';

/** The outcome of one check. */
export interface CheckResult {
  readonly check: 'record' | 'pointer' | 'artefacts' | 'key' | 'gates' | 'held-back';
  readonly passed: boolean;
  readonly message: string;
  /** It says what was not looked at. */
  readonly skipped?: true;
}

/** What a verification needs to know. */
export interface Verification {
  readonly root: string;
  readonly store: CheckedStore;
  readonly model: string;
  readonly channel: Channel;
  /** The revision to merge into; its champion is the one to beat. Null where nothing is committed yet. */
  readonly base: string | null;
  /** The run key of the working tree as it is now; the record stands in for stages that never ran here. */
  readonly treeKey: (record: ModelRecord) => Promise<string>;
  /** What a record of this key states otherwise than the tree has it; left out where the tree has gone on. */
  readonly inputFaults?: (record: ModelRecord) => readonly GateResult[];
  /** The gates of a record against the champion that serves on the base. */
  readonly gatesAgainst: (
    record: ModelRecord,
    champion: string | null,
  ) => Promise<readonly GateResult[]>;
  /** Measures a record on what is held back for promotions, against the champion; left out where nothing is held back. */
  readonly heldBackAgainst?: (
    record: ModelRecord,
    champion: string | null,
  ) => Promise<HeldBackFigures>;
}

/**
 * Checks whether the run that the pointer names may serve: its record is unchanged, the pointer contradicts neither it
 * nor its folder nor its own gates, its artefacts are in the store, undamaged,
 * its key is that of the tree, and it passes its gates against the base's current champion. A pointer that the base has or
 * had, word for word, is a rollback or nothing new: it needs only its artefacts. Another one of the run that the base serves
 * was written by hand. No record of the base may differ, and only a pointer that comes back may take away those that it undoes.
 *
 * A tree without a pointer takes the model out of service, which its checks say; records are checked all the same.
 *
 * @returns the checks in this order; empty if nothing is promoted, neither here nor on the base.
 * @throws MainstemError MODEL_POINTER_FOREIGN, MODEL_RECORD_MISSING, MODEL_RECORD_CHANGED, JSON_INVALID, FILE_UNREADABLE,
 *   REVISION_UNKNOWN
 * @example (await verify(request)).every(({ passed }) => passed) // true
 */
export async function verify(request: Verification): Promise<CheckResult[]> {
  const { root, model, channel, store } = request;
  const links = await findLinks(root, model);
  if (links.length > 0) return links.map(linkFault);
  const promoted = await loadPromoted(root, model, channel);
  const base = await readBase(request);
  const kept = await checkRecordsKept(request, base);
  if (!promoted) return [...kept, ...checkRemoval(request, base)];
  const { pointer, record } = promoted;
  const stated: CheckResult[] = [
    { check: 'record', passed: true, message: `record ${record.run} is what the pointer names` },
    ...kept,
    ...findPointerFaults(pointer, request, record).map(pointerFault),
    await checkArtefacts(store, record),
    ...checkTraffic(request, pointer),
    ...checkChampion(request, pointer, base),
  ];
  const settled = settledBy(request, pointer, base);
  return settled ? [...stated, settled] : checkMeasured(request, promoted, base, stated);
}

/** What the revision to merge into has of a model. */
interface Base {
  /** What it has in the channel. */
  readonly pointer: ModelPointer | null;
  /** What serves there, which is the one to beat. */
  readonly champion: ModelPointer | null;
  /** What the channel had before, newest first. */
  readonly past: readonly HistoryEntry[];
}

/** A base that does not exist is an error, not a base without a champion: nothing may pass because of a typing mistake. */
async function readBase({ root, model, channel, base }: Verification): Promise<Base> {
  if (base === null) return { pointer: null, champion: null, past: [] };
  await assertRevision(root, base);
  const past = await history(root, model, channel, base);
  const pointer = await pointerAt(root, base, model, channel);
  const champion = isTrial(channel) ? await pointerAt(root, base, model, 'production') : pointer;
  return { pointer, champion, past };
}

/** The last check where nothing is left to measure: the pointer was checked before, or names what serves already. */
function settledBy(
  { base, channel }: Verification,
  pointer: ModelPointer,
  { pointer: known, champion, past }: Base,
): CheckResult | null {
  const { run } = pointer;
  if (base !== null && wasWritten(pointer, [known]))
    return skipped(`${base} names ${run} already (--base <revision> compares with another)`);
  const earlier = past.map((entry) => entry.pointer);
  if (base !== null && wasWritten(pointer, earlier))
    return skipped(`${run} has served on ${base} before, and was checked when it was merged`);
  if (champion?.record !== pointer.record) return null;
  return pointerFault(
    isTrial(channel)
      ? 'tries what is in production'
      : `is not the one by which ${base} serves ${run}`,
  );
}

/** Adds what is measured of a run that has not served yet to what its pointer states. */
async function checkMeasured(
  request: Verification,
  { pointer, record }: PromotedModel,
  { champion, past }: Base,
  stated: readonly CheckResult[],
): Promise<CheckResult[]> {
  const gates = await request.gatesAgainst(record, champion?.run ?? null);
  const isSound = stated.every(({ passed }) => passed);
  const sameRival = pointer.champion === (champion?.run ?? null);
  const key = checkKey(record, await request.treeKey(record));
  const inputs = key.passed ? (request.inputFaults?.(record) ?? []) : [];
  const checks = [
    ...stated,
    ...checkStatedGates(pointer, gates, isSound && sameRival),
    key,
    ...[...gates, ...inputs].map(gateCheck),
  ];
  // Who is refused already is not looked at.
  if (checks.some(({ passed }) => !passed)) return checks;
  return [...checks, ...(await checkHeldBack(request, pointer, record, past))];
}

/** A failed check for a pointer without gates, or with others than are measured; that is only looked at where they are comparable. */
function checkStatedGates(
  pointer: ModelPointer,
  measured: readonly GateResult[],
  comparable: boolean,
): CheckResult[] {
  if (measured.length > 0 && pointer.gates.length === 0) return [pointerFault('holds no gates')];
  return comparable && !isAlike(pointer.gates, measured)
    ? [pointerFault('states other gates than are measured')]
    : [];
}

/** Whether the pointer says of held-back examples what the model does there: this repeats a look, it is not another one. */
async function checkHeldBack(
  { root, model, channel, base, heldBackAgainst }: Verification,
  pointer: ModelPointer,
  record: ModelRecord,
  past: readonly HistoryEntry[],
): Promise<CheckResult[]> {
  if (!heldBackAgainst || isTrial(channel)) return [];
  const measured = await heldBackAgainst(record, past[0]?.pointer?.run ?? null);
  const faults = findHeldBackFaults(pointer, measured, await everyLook(root, model, base));
  const check = 'held-back';
  if (faults.length === 0) {
    const message = `the pointer says of ${measured.examples} held-back examples what the model does there`;
    return [{ check, passed: true, message }];
  }
  return faults.map((fault) => ({ check, passed: false, message: `the pointer ${fault}` }));
}

/** Whether a pointer is one of those that are in git, word for word: a rollback writes no other. */
function wasWritten(pointer: ModelPointer, known: readonly (ModelPointer | null)[]): boolean {
  const text = canonicalJson(pointer);
  return known.some((one) => one !== null && canonicalJson(one) === text);
}

/** The runs whose records a revert may take away: of pointers of whatever kind that it brings back, or takes away. */
async function undoneBy(
  { root, model, channel }: Verification,
  base: string,
  past: Base['past'],
): Promise<Set<string>> {
  const undone = new Set(undoneRuns(await readPointer(root, model, channel), past));
  for (const trial of trialChannels) {
    const pointer = await readPointer(root, model, trial);
    for (const run of undoneRuns(pointer, await history(root, model, trial, base))) undone.add(run);
  }
  return undone;
}

/** Says which requests go to what is tried. */
function checkTraffic({ channel }: Verification, { traffic }: ModelPointer): CheckResult[] {
  if (!isTrial(channel) || !traffic) return [];
  return [{ check: 'pointer', passed: true, message: describeTraffic(channel, traffic) }];
}

/**
 * A failed check for each record of the base that the tree has changed or deleted: history must stay what it was. A revert
 * deletes those of the promotions that it undoes.
 */
async function checkRecordsKept(request: Verification, { past }: Base): Promise<CheckResult[]> {
  const { root, model, channel, base } = request;
  if (base === null || isTrial(channel)) return [];
  const undone = await undoneBy(request, base, past);
  const folder = dirname(recordPath(model, 'any'));
  const listed = ['diff', '--name-status', '-z', '--no-renames', '--diff-filter=a'];
  const looks = dirname(lookPath(model, 'any'));
  const changed = await gitEntries(
    root,
    2,
    ...listed,
    '--end-of-options',
    base,
    '--',
    folder,
    looks,
  );
  const touched = changed.filter(
    ([status, path = '']) => status !== 'D' || !undone.has(basename(path, '.json')),
  );
  return touched.map(([, path]) => {
    const message = `${path} differs from ${base}: a record is never changed or deleted`;
    return { check: 'record', passed: false, message };
  });
}

/** Says what goes out of production where the tree has no pointer; nothing if the base has none either. */
function checkRemoval(
  { root, model, channel, base }: Verification,
  { pointer: serving }: Base,
): CheckResult[] {
  if (!serving) return [];
  assertCheckedOut(root, pointerPath(model, channel));
  const message = `${base} serves ${serving.run}, this tree nothing: ${model} is taken out of ${channel}; git's history keeps its records`;
  return [{ check: 'pointer', passed: true, message }];
}

/** A failed check if the champion that the pointer was promoted against has never been a model here. */
function checkChampion(
  { root, model }: Verification,
  { champion }: ModelPointer,
  { past }: Base,
): CheckResult[] {
  if (champion === null || past.some(({ run }) => run === champion)) return [];
  const known =
    /^[0-9a-f]{12}$/.test(champion) && existsSync(join(root, recordPath(model, champion)));
  return known ? [] : [pointerFault(`names the champion ${champion}, which has no record`)];
}

function linkFault(path: string): CheckResult {
  const message = `${path} is a symbolic link: git would have only where it points; put the file itself in its place`;
  return { check: 'record', passed: false, message };
}

function pointerFault(fault: string): CheckResult {
  return {
    check: 'pointer',
    passed: false,
    message: `the pointer was not written by promote: it ${fault}`,
  };
}

async function checkArtefacts(store: CheckedStore, record: ModelRecord): Promise<CheckResult> {
  const missing = await missingArtefacts(store, record);
  const names = missing.map(({ name, artefact }) => `${name} ${artefact.digest}`).join(', ');
  const message =
    missing.length === 0
      ? 'all artefacts are in the store, undamaged'
      : `missing from the store, or damaged there: ${names}`;
  return { check: 'artefacts', passed: missing.length === 0, message };
}

function skipped(reason: string): CheckResult {
  const message = `not checked: key, gates and held-back examples, since ${reason}`;
  return { check: 'key', passed: true, message, skipped: true };
}

function checkKey(record: ModelRecord, treeKey: string): CheckResult {
  const passed = record.key === treeKey;
  const message = passed
    ? "the record's key is the tree's"
    : `the tree corresponds to run ${abbreviate(treeKey)}, the pointer names ${record.run}`;
  return { check: 'key', passed, message };
}

function gateCheck(gate: GateResult): CheckResult {
  return { check: 'gates', passed: gate.passed, message: gate.message };
}
