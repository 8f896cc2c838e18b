import { isMainstemError, MainstemError } from '../../platform/lib/errors.ts';
import { fileAt } from '../../platform/lib/git.ts';
import { lockFile, projectsFolder } from '../../platform/lib/layout.ts';
import {
  buildPointer,
  describeTraffic,
  findPointerFaults,
  history,
  isTrial,
  missingArtefacts,
  parseRecord,
  recordPath,
  recordsAt,
} from '../../platform/registry/index.ts';
import type { Report } from '../../platform/report/index.ts';
import { loadProject, parseParameters } from '../../platform/schemas/define/index.ts';
import type {
  Finding,
  ModelPointer,
  ModelRecord,
  RunCost,
  Workspace,
} from '../../platform/schemas/index.ts';
import {
  artefactReferences,
  assertOneDefinition,
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
import { judge } from './judge.ts';
import { dataState, settleJudgement } from './judged-outcome.ts';
import { type JudgedPointers, readJudgedPointers } from './judged-pointers.ts';
import { type JudgedState, passed, stopped } from './judged-state.ts';
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
  const subject = await attempt(() => readSubject(workspace.root, name, change));
  if ('wrong' in subject) {
    const { wrong } = subject;
    return { ...nothing, data: wrong, gates: wrong, promotion: wrong };
  }
  const opened = await attempt(() => openAt(workspace, name, change));
  if ('wrong' in opened) {
    const gates = stopped('The data is not there.');
    return { ...nothing, data: opened.wrong, gates, promotion: unpromoted };
  }
  const [{ pointers, candidate }, context] = [subject.found, opened.found];
  const { findings } = await validate(context, { remote: change.remote });
  const data = dataState(findings);
  const rollback = pointers.changed && (await findRollback(context, change, pointers));
  if (rollback) return { ...nothing, data, gates: passed(rollback.why), promotion: rollback.state };
  if (!candidate)
    return { ...nothing, data, ...(await withoutCandidate(context, change, pointers)) };
  if (data.state !== 'success') {
    const gates = stopped('The data has errors.');
    return { ...nothing, candidate, data, gates, promotion: pointers.changed ? gates : unpromoted };
  }
  const judged = await judgeCandidate(context, change, { pointers, candidate }, findings);
  return { project: name, data, candidate, ...judged };
}

const unpromoted = passed('Nothing is promoted.');

/** What a change is about. */
interface Subject<Candidate = ModelRecord | null> {
  readonly pointers: JudgedPointers;
  readonly candidate: Candidate;
}

async function readSubject(root: string, name: string, change: ChangeToJudge): Promise<Subject> {
  const pointers = await readJudgedPointers(root, name, change);
  return { pointers, candidate: await findCandidate(root, name, change, pointers) };
}

/** What some work finds, or what is wrong with the change, in words; an error that is a fault of ours is thrown on. */
async function attempt<Found>(
  work: () => Promise<Found>,
): Promise<{ readonly found: Found } | { readonly wrong: JudgedState }> {
  try {
    return { found: await work() };
  } catch (error) {
    if (!isMainstemError(error)) throw error;
    return { wrong: stopped(`${error.code}: ${error.message}`) };
  }
}

async function judgeCandidate(
  context: ProjectContext,
  change: ChangeToJudge,
  { pointers, candidate }: Subject<ModelRecord>,
  findings: readonly Finding[],
): Promise<Pick<JudgedChange, 'report' | 'gates' | 'promotion' | 'files'>> {
  const { base, head, result, writable } = change;
  await provideArtefacts(context, candidate, change);
  const champion = await championAt(context, change, pointers.base);
  const cost = result?.candidate.run === candidate.run ? result.cost : null;
  const records = await recordsAt(context.workspace.root, candidate.model, [base, head]);
  const judgement = await judge(context, { candidate, champion, findings, cost, records });
  const due = buildPointer(candidate, judgement.gates, pointers.base);
  const unseen = settleJudgement({ candidate, judgement, due, pointers, writable });
  const settled = await settleHeldBack(context, unseen, {
    ...{ change, candidate, champion, due },
    // What is held back is looked at when a version is promoted, not when it is tried.
    brought: pointers.changed && pointers.channel === 'production' ? pointers.head : null,
  });
  return { report: judgement.report, ...settled };
}

/** A change without a result is one that failed, unless it describes what serves. */
async function withoutCandidate(
  context: ProjectContext,
  { base }: ChangeToJudge,
  pointers: JudgedPointers,
): Promise<Pick<JudgedChange, 'gates' | 'promotion'>> {
  const stop = stopped('The experiment left no result: see its run.');
  if (pointers.changed) return { gates: stop, promotion: stop };
  if (!pointers.base) return { gates: stop, promotion: unpromoted };
  const record = await recordAt(context.workspace.root, pointers.base.model, pointers.base, [base]);
  const same = record && (await computeRunKey(context, { record })).key === record.key;
  return {
    gates: same ? passed(`It describes ${record.run}, which serves.`) : stop,
    promotion: unpromoted,
  };
}

/** The project as the working tree defines it, with the lock, the note of what was joined, the parameters and the data of a commit. */
async function openAt(
  workspace: Workspace,
  name: string,
  { head, remote }: ChangeToJudge,
): Promise<ProjectContext> {
  const { root } = workspace;
  const project = await loadProject(root, name);
  await assertOneDefinition(root, [project]);
  const lock = parseLock(await fileAt(root, head, lockFile));
  const path = `${projectsFolder}/${name}/params.json`;
  const text = await fileAt(root, head, path);
  if (text === null) throw new MainstemError('FILE_UNREADABLE', { path, reason: 'ENOENT' });
  const parameters = parseParameters(text, project.definition, path);
  const note = `${projectsFolder}/${name}/${noteFile}`;
  const joined = parseJoinNote(await fileAt(root, head, note), note);
  const context = {
    ...{ workspace, lock, joined, store: openStore(root) },
    project: { ...project, parameters },
  };
  await provideData(context, remote);
  return context;
}

/** A pointer that goes back to what served on the base before: it was judged when it was merged. */
async function findRollback(
  context: ProjectContext,
  change: ChangeToJudge,
  { base, head, channel }: JudgedPointers,
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
  pointers: JudgedPointers,
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
