import { isMainstemError, MainstemError } from '../../platform/lib/errors.ts';
import { fileAt, git } from '../../platform/lib/git.ts';
import { lockFile, projectsFolder } from '../../platform/lib/layout.ts';
import { parseVersioned } from '../../platform/lib/parse-versioned.ts';
import { plural } from '../../platform/lib/plural.ts';
import {
  buildPointer,
  describeTraffic,
  findPointerFaults,
  history,
  isTrial,
  missingArtefacts,
  parseRecord,
  pointerPath,
  recordPath,
  recordsAt,
  renderJson,
  type TrialChannel,
  trialChannels,
} from '../../platform/registry/index.ts';
import type { Report } from '../../platform/report/index.ts';
import { loadProject, parseParameters } from '../../platform/schemas/define/index.ts';
import {
  type Finding,
  ModelPointer,
  type ModelRecord,
  type RunCost,
  type Workspace,
} from '../../platform/schemas/index.ts';
import {
  artefactReferences,
  openStore,
  parseLock,
  pull,
  type Remote,
} from '../../platform/storage/index.ts';
import { type Champion, championOf } from '../champion.ts';
import type { ProjectContext } from '../context.ts';
import { noteFile, parseJoinNote } from '../join-note.ts';
import { computeRunKey } from '../run-key.ts';
import { comparableChampion } from './comparable-champion.ts';
import { type Judgement, judge } from './judge.ts';
import type { JudgedState } from './judged-state.ts';
import { provideData } from './provide-data.ts';
import { settleHeldBack } from './settle-held-back.ts';
import { pullIfRemote } from './transfer.ts';
import { validate } from './validate.ts';

/** A change of one project, by the commits that hold it; only `base` has been reviewed. */
export interface ChangeToJudge {
  /** The commit to merge into: its champion is the one to beat. */
  readonly base: string;
  readonly head: string;
  /** What the change's own pipeline made; null if it left nothing. */
  readonly result: {
    readonly candidate: ModelRecord;
    readonly blobs: Remote;
    readonly cost: RunCost | null;
  } | null;
  /** Whether the promotion can be put on the change's branch. */
  readonly writable: boolean;
  /** Whether somebody has asked that it be promoted if it passes: only then what is held back is looked at. */
  readonly asked: boolean;
  /** Address of the remote; '' for the one that is configured, if any. */
  readonly remote: string;
}

/** What the reviewed code says of a change. */
export interface JudgedChange {
  readonly project: string;
  readonly report: Report | null;
  readonly data: JudgedState;
  readonly gates: JudgedState;
  readonly promotion: JudgedState;
  /** The promotion that is due, path → text; empty if none is. */
  readonly files: Readonly<Record<string, string>>;
  /** The candidate that was judged. */
  readonly candidate: ModelRecord | null;
}

const passed = (description: string): JudgedState => ({ state: 'success', description });
const stopped = (description: string): JudgedState => ({ state: 'failure', description });

/**
 * Judges a change of a project with the code of the working tree, which must be reviewed code. Lock, parameters, pointers
 * and records are read as data from the two commits, which must be in the repository; nothing of `head` is executed. What
 * is wrong with a pointer, a record or the data is a state of the change, not an error.
 *
 * @throws MainstemError PROJECT_UNKNOWN, REMOTE_*, STORE_CORRUPT
 */
export async function judgeChange(
  workspace: Workspace,
  name: string,
  change: ChangeToJudge,
): Promise<JudgedChange> {
  const nothing = { project: name, report: null, files: {}, candidate: null };
  const none = passed('Nothing is promoted.');
  let [pointers, candidate]: [Pointers, ModelRecord | null] = [noPointers, null];
  try {
    pointers = await readPointers(workspace.root, name, change);
    candidate = await findCandidate(workspace.root, name, change, pointers);
  } catch (error) {
    const wrong = stopped(reasonOf(error));
    return { ...nothing, data: wrong, gates: wrong, promotion: wrong };
  }
  let context: ProjectContext;
  try {
    context = await openAt(workspace, name, change.head);
    await provideData(context, change.remote);
  } catch (error) {
    const data = stopped(reasonOf(error));
    return { ...nothing, data, gates: stopped('The data is not there.'), promotion: none };
  }
  const findings = (await validate(context, { remote: change.remote })).findings;
  const data = dataState(findings);
  const rollback = pointers.changed && (await findRollback(context, change, pointers));
  if (rollback) return { ...nothing, data, gates: passed(rollback.why), promotion: rollback.state };
  if (!candidate)
    return { ...nothing, data, ...(await withoutCandidate(context, change, pointers)) };
  if (data.state !== 'success') {
    const gates = stopped('The data has errors.');
    return { ...nothing, candidate, data, gates, promotion: pointers.changed ? gates : none };
  }
  await provideArtefacts(context, candidate, change);
  const champion = await championAt(context, change, pointers.base);
  const { result } = change;
  const cost = result?.candidate.run === candidate.run ? result.cost : null;
  const records = await recordsAt(workspace.root, name, [change.base, change.head]);
  const judgement = await judge(context, { candidate, champion, findings, cost, records });
  const { report } = judgement;
  const settled = await settleHeldBack(context, settle(candidate, judgement, change, pointers), {
    ...{ change, candidate, champion },
    due: buildPointer(candidate, judgement.gates, pointers.base),
    // What is held back is looked at when a version is promoted, not when it is tried.
    brought: pointers.changed && pointers.channel === 'production' ? pointers.head : null,
  });
  return { project: name, report, data, candidate, ...settled };
}

/** What is wrong with a change, in words; an error that is a fault of ours is thrown on. */
function reasonOf(error: unknown): string {
  if (!isMainstemError(error)) throw error;
  return `${error.code}: ${error.message}`;
}

/** A change without a result is one that failed, unless it describes what serves. */
async function withoutCandidate(
  context: ProjectContext,
  { base }: ChangeToJudge,
  pointers: Pointers,
): Promise<Pick<JudgedChange, 'gates' | 'promotion'>> {
  const stop = stopped('The experiment left no result: see its run.');
  if (pointers.changed) return { gates: stop, promotion: stop };
  const none = passed('Nothing is promoted.');
  if (!pointers.base) return { gates: stop, promotion: none };
  const record = await recordAt(context.workspace.root, pointers.base.model, pointers.base, [base]);
  const same = record && (await computeRunKey(context, { record })).key === record.key;
  return {
    gates: same ? passed(`It describes ${record.run}, which serves.`) : stop,
    promotion: none,
  };
}

interface Pointers {
  readonly base: ModelPointer | null;
  readonly head: ModelPointer | null;
  /** Whether the change itself says what is to serve. */
  readonly changed: boolean;
  /** What `head` is a pointer of. */
  readonly channel: 'production' | TrialChannel;
}

const noPointers: Pointers = { base: null, head: null, changed: false, channel: 'production' };

async function readPointers(
  root: string,
  name: string,
  { base, head }: ChangeToJudge,
): Promise<Pointers> {
  const change = { base, head };
  const production = await readPointersOf(root, name, change, 'production');
  const all = [production];
  for (const channel of trialChannels) {
    const trial = await readPointersOf(root, name, change, channel);
    // It is tried beside production, and judged against it.
    all.push({ ...trial, base: production.base });
  }
  const changed = all.filter((one) => one.changed);
  const named = changed.filter((one) => one.head !== null);
  // One version is judged: another one must not be merged along with it.
  if (named.length > 1) {
    const paths = named.map(({ channel }) => pointerPath(name, channel)).join(' and ');
    throw new MainstemError('JUDGE_MANY_POINTERS', { paths });
  }
  return named[0] ?? changed[0] ?? production;
}

async function readPointersOf(
  root: string,
  name: string,
  { base, head }: Pick<ChangeToJudge, 'base' | 'head'>,
  channel: Pointers['channel'],
): Promise<Pointers> {
  const path = pointerPath(name, channel);
  // The base may have moved on since the change left it: what it promoted meanwhile is not the change's doing.
  const left = await git(root, 'merge-base', '--end-of-options', base, head);
  const [before, after, serving] = await Promise.all(
    [left, head, base].map((commit) => fileAt(root, commit, path)),
  );
  const parse = (text: string | null | undefined, at: string) =>
    text == null ? null : parseVersioned(text, ModelPointer, `${at}:${path}`);
  return {
    base: parse(serving, base),
    head: parse(after, head),
    changed: before !== after,
    channel,
  };
}

/** The project as the working tree defines it, with the lock, the note of what was joined and the parameters of a commit. */
async function openAt(workspace: Workspace, name: string, head: string): Promise<ProjectContext> {
  const { root } = workspace;
  const project = await loadProject(root, name);
  const lock = parseLock(await fileAt(root, head, lockFile));
  const path = `${projectsFolder}/${name}/params.json`;
  const text = await fileAt(root, head, path);
  if (text === null) throw new MainstemError('FILE_UNREADABLE', { path, reason: 'ENOENT' });
  const parameters = parseParameters(text, project.definition, path);
  const note = `${projectsFolder}/${name}/${noteFile}`;
  const joined = parseJoinNote(await fileAt(root, head, note), note);
  return { workspace, project: { ...project, parameters }, lock, joined, store: openStore(root) };
}

function dataState(findings: readonly Finding[]): JudgedState {
  const errors = findings.filter(({ severity }) => severity === 'error');
  const [first] = errors;
  if (first) return stopped(`${plural(errors.length, 'error')}: ${first.message}`);
  const warnings = findings.filter(({ severity }) => severity === 'warning').length;
  return passed(
    warnings === 0 ? 'The data is valid.' : `Valid, with ${plural(warnings, 'warning')}.`,
  );
}

/** A pointer that goes back to what served on the base before: it was judged when it was merged. */
async function findRollback(
  context: ProjectContext,
  change: ChangeToJudge,
  { base, head, channel }: Pointers,
): Promise<{ why: string; state: JudgedState } | null> {
  const { root } = context.workspace;
  const name = context.project.definition.name;
  if (!head) {
    const why = `${name} is taken out of ${channel}.`;
    return { why, state: passed(why) };
  }
  const past = await history(root, name, 'production', change.base);
  const before = past.find(({ pointer }) => pointer?.record === head.record);
  if (!before || before.run !== head.run) return null;
  const why = isTrial(channel)
    ? `Tries ${head.run}, which served before. ${describeTraffic(channel, head.traffic)}.`
    : `Goes back to ${head.run}, which served before.`;
  if (isTrial(channel) && base?.record === head.record)
    return { why, state: stopped(`The ${channel} tries what is in production.`) };
  const record = await recordAt(root, name, head, [before.commit]);
  if (!record) return { why, state: stopped(`The record of ${head.run} is not in git.`) };
  const [fault] = findPointerFaults(head, { model: name, channel }, record);
  if (fault !== undefined) return { why, state: stopped(`The pointer ${fault}.`) };
  await provideArtefacts(context, record, change);
  const missing = await missingArtefacts(context.store, record);
  if (missing.length === 0) return { why, state: passed(why) };
  const names = missing.map((artefact) => artefact.name).join(', ');
  return { why, state: stopped(`The ${names} of ${head.run} are not in the remote.`) };
}

/** The record that a pointer names, as one of some commits has it. */
async function recordAt(
  root: string,
  model: string,
  { run, record: digest }: ModelPointer,
  commits: readonly string[],
): Promise<ModelRecord | null> {
  for (const commit of commits) {
    const text = await fileAt(root, commit, recordPath(model, run));
    if (text !== null) return parseRecord(text, { model, run, digest });
  }
  return null;
}

/**
 * The candidate of a change: the record that its pointer names, otherwise what its pipeline made. A record of the
 * same run that is in git already counts: the first writer wins.
 */
async function findCandidate(
  root: string,
  model: string,
  { base, head, result }: ChangeToJudge,
  pointers: Pointers,
): Promise<ModelRecord | null> {
  if (pointers.changed && pointers.head) return recordAt(root, model, pointers.head, [head]);
  if (!result) return null;
  const { run } = result.candidate;
  const text =
    (await fileAt(root, base, recordPath(model, run))) ??
    (await fileAt(root, head, recordPath(model, run)));
  return text === null ? result.candidate : parseRecord(text, { model, run });
}

/** Brings a candidate's artefacts into the store, verified by digest, from the results or from the remote. */
async function provideArtefacts(
  context: ProjectContext,
  candidate: ModelRecord,
  { result, remote }: ChangeToJudge,
): Promise<void> {
  const { workspace, store } = context;
  const references = async () => artefactReferences(candidate);
  if (result) await pull({ workspace, store, remote: result.blobs }, references);
  if ((await missingArtefacts(store, candidate)).length === 0) return;
  await pullIfRemote(context, references, remote);
}

/** What the base serves, with its artefacts brought here. */
async function championAt(
  context: ProjectContext,
  change: ChangeToJudge,
  pointer: ModelPointer | null,
): Promise<Champion> {
  if (!pointer) return championOf(null);
  const { root } = context.workspace;
  const record = await recordAt(root, pointer.model, pointer, [change.base]);
  if (!record) {
    return { record: null, incomparable: `the record of ${pointer.run}, which serves, is missing` };
  }
  await provideArtefacts(context, record, { ...change, result: null });
  return comparableChampion(context, { pointer, record });
}

/** What follows from a judgement for the gates and the promotion. */
function settle(
  candidate: ModelRecord,
  judgement: Judgement,
  { writable }: ChangeToJudge,
  pointers: Pointers,
): Pick<JudgedChange, 'gates' | 'promotion' | 'files'> {
  const due = buildPointer(candidate, judgement.gates, pointers.base);
  const gates = gateState(judgement, pointers);
  const nothing = { gates, files: {} };
  if (pointers.changed) {
    const place = { model: due.model, channel: pointers.channel };
    const [fault] = pointers.head ? findPointerFaults(pointers.head, place, candidate) : [];
    const allowed = promotionState(gates, due, pointers);
    const stop = allowed.state === 'success' && fault !== undefined;
    return { ...nothing, promotion: stop ? stopped(`The pointer ${fault}.`) : allowed };
  }
  if (judgement.gates.some((gate) => !gate.passed)) {
    return { ...nothing, promotion: passed('Nothing is promoted.') };
  }
  if (pointers.base?.record === due.record) {
    return { ...nothing, promotion: passed(`${candidate.run} serves already.`) };
  }
  if (!writable) {
    const hint = 'From a fork: a maintainer promotes it after the merge.';
    return { ...nothing, promotion: passed(hint) };
  }
  const files = {
    [recordPath(candidate.model, candidate.run)]: renderJson(candidate),
    [pointerPath(candidate.model, 'production')]: renderJson(due),
  };
  const promotion = {
    state: 'pending',
    description: 'A promotion commit goes onto the branch; merging makes this model serve.',
  } as const;
  return { gates, promotion, files };
}

function gateState({ gates, unmeasured }: Judgement, { changed }: Pointers): JudgedState {
  const failed = gates.filter((gate) => !gate.passed).map(({ message }) => message);
  if (failed.length === 0) return passed(`${plural(gates.length, 'gate')} passed.`);
  if (unmeasured === null) return stopped(failed.join('; '));
  // Otherwise no change of the evaluator could ever be merged; nothing is promoted with it.
  const harmless = !unmeasured.contradiction && !changed;
  const description = `Not measured. ${unmeasured.reason}`;
  return harmless ? passed(description) : stopped(description);
}

/** Whether the pointer of a change is the one that its judgement allows. */
function promotionState(
  gates: JudgedState,
  due: ModelPointer,
  { base, head, channel }: Pointers,
): JudgedState {
  if (!head) return passed('Taken out of production.');
  if (gates.state !== 'success') return stopped(`${head.run} may not serve: ${gates.description}`);
  if (head.record !== due.record || head.onnx !== due.onnx || head.run !== due.run) {
    return stopped(`The pointer does not name the run that was judged, ${due.run}.`);
  }
  const tried = isTrial(channel) ? ` ${describeTraffic(channel, head.traffic)}.` : '';
  if (head.champion === due.champion)
    return passed(`${head.run} passed against ${serves(base)}.${tried}`);
  return stopped(
    `It was promoted against ${head.champion ?? 'nothing'}, but ${serves(base)} serves now: merge the default branch, ` +
      `keep its models/${head.model}, and push; it is trained and judged again.`,
  );
}

function serves(pointer: ModelPointer | null): string {
  return pointer?.run ?? 'nothing';
}
