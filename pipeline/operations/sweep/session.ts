import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { canonicalJson } from '../../../platform/lib/canonical-json.ts';
import { isMainstemError } from '../../../platform/lib/errors.ts';
import { type Digest, digestJson } from '../../../platform/lib/hash.ts';
import { inLanes } from '../../../platform/lib/in-lanes.ts';
import { readJson, writeJson } from '../../../platform/lib/json-file.ts';
import { abbreviate } from '../../../platform/lib/text.ts';
import { type BackendInfo, SweepState, type SweepTrial } from '../../../platform/schemas/index.ts';
import type { ProjectContext } from '../../context.ts';
import type { Machine } from '../../engine/index.ts';
import { runTrial, type TrialRequest } from '../../run-trial.ts';
import { changeParameters, type Sweep, type Values } from '../../sweep/index.ts';

/** A sweep while it runs. */
export interface Session {
  readonly context: ProjectContext;
  readonly sweep: Sweep;
  readonly backend: BackendInfo;
  readonly machine: Machine;
  /** How many trials, today's parameters not counted. */
  readonly trials: number;
  /** How many at a time. */
  readonly parallel: number;
  /** Whether this machine runs a trial, or another one does. */
  readonly isMine: (trial: number) => boolean;
  /** Whether a further trial may begin. */
  readonly hasTime: () => boolean;
  /** Called when a trial has a result; not for one that had it before. */
  readonly onTrial: (trial: SweepTrial) => void;
  readonly id: Digest;
  /** By their numbers; what an earlier session found is there from the beginning. */
  readonly known: Map<number, SweepTrial>;
  /** Has another machine run a trial, and returns when its results are found here; left out, this one runs it. */
  readonly elsewhere?: Elsewhere | undefined;
  /** Whether others look for what is done here; results of an earlier session are put there, too. */
  readonly sharesResults: boolean;
  /** Adds a result and writes the state, whole or not at all. */
  readonly keep: (trial: SweepTrial) => Promise<void>;
  /** Seconds of all sessions together. */
  readonly seconds: () => number;
}

/** @throws MainstemError what keeps the trial from having results */
export type Elsewhere = (
  values: Values,
  request: Omit<TrialRequest, 'checkpoint'>,
) => Promise<void>;

/** What a session is opened with. */
export type SessionOptions = Pick<
  Session,
  | 'context'
  | 'sweep'
  | 'backend'
  | 'machine'
  | 'trials'
  | 'parallel'
  | 'isMine'
  | 'hasTime'
  | 'onTrial'
  | 'elsewhere'
  | 'sharesResults'
> & {
  /** Forgets what failed before. */
  readonly restart: boolean;
};

/** The folder of a project's sweeps. */
export function sweepFolder(root: string, project: string): string {
  return join(root, '.mainstem', 'sweeps', project);
}

/**
 * Tries today's parameters, which everything is compared with, and takes up what an earlier session of the same sweep
 * found: one with the same search, parameters, data and code.
 *
 * @throws MainstemError what today's parameters fail with
 */
export async function openSession(options: SessionOptions): Promise<Session> {
  const { context, sweep, restart } = options;
  const { definition, parameters } = context.project;
  const began = performance.now();
  const checkpoint = join(sweepFolder(context.workspace.root, definition.name), 'none');
  const request = { ...options, parameters, checkpoint };
  await options.elsewhere?.({}, request);
  const { key, ...result } = await runTrial(context, request, measuresFile(sweep));
  const id = digestJson({ key, search: identityOf(sweep, options.trials) });
  const folder = sweepFolder(context.workspace.root, definition.name);
  const path = join(folder, `${abbreviate(id)}.json`);
  if (restart) await rm(path, { force: true });
  const before = await readState(path, id);
  const known = new Map(before?.trials.map((trial) => [trial.trial, trial]));
  const seconds = () => (before?.seconds ?? 0) + (performance.now() - began) / 1000;
  let written = Promise.resolve();
  const write = () => {
    const trials = [...known.values()].sort((a, b) => a.trial - b.trial);
    const state = { version: 1, project: definition.name, id, trials, seconds: seconds() };
    return writeJson(path, state);
  };
  const keep = (trial: SweepTrial) => {
    known.set(trial.trial, trial);
    written = written.then(write);
    return written;
  };
  await keep(doneTrial(0, sweep.today, result));
  return { ...options, id, known, keep, seconds };
}

/** Where a trial's checkpoint stays between its parts. */
export function checkpointOf({ context, id }: Session, trial: number): string {
  const folder = sweepFolder(context.workspace.root, context.project.definition.name);
  return join(folder, abbreviate(id), `${trial}.bin`);
}

/** Whether size or latency of the model's file is an objective. */
export function measuresFile({ objectives }: Sweep): boolean {
  return objectives.some(({ name }) => name === 'modelBytes' || name === 'latencyMs');
}

/** What decides which trials there are: time does not, and most searches only go on when there are more. */
function identityOf({ definition }: Sweep, trials: number) {
  const { minutes: _, trials: __, ...search } = definition;
  const { method } = definition;
  return method === 'halving' || method === 'hyperband' ? { ...search, trials } : search;
}

/** A file that is missing, damaged or of another version counts as none: results are in the store. */
async function readState(path: string, id: Digest): Promise<SweepState | null> {
  const state = await readJson(path, SweepState).catch(() => null);
  return state?.id === id ? state : null;
}

/** The result of a trial that an earlier session knows, if it was of the same values. */
export function findKnown({ known }: Session, trial: number, values: Values): SweepTrial | null {
  const found = known.get(trial);
  return found && canonicalJson(found.values) === canonicalJson(values) ? found : null;
}

/** A trial by its number, with what it tries. */
export interface NumberedTrial {
  readonly trial: number;
  readonly values: Values;
}

/**
 * Runs those of some trials that have no result yet, and begins none when time is up. What an earlier session found is shared
 * whatever the time is: it costs no training.
 *
 * @returns whether all of them have results
 * @throws what {@link runWhole} throws
 */
export async function runOpenTrials(
  session: Session,
  trials: readonly NumberedTrial[],
): Promise<boolean> {
  let late = false;
  await inLanes(trials, session.parallel, async ({ trial, values }) => {
    const found = findKnown(session, trial, values);
    if (found && !(session.sharesResults && found.status === 'done')) return;
    if (found || session.hasTime()) await runWhole(session, trial, values);
    else late = true;
  });
  return !late;
}

/**
 * Runs a whole trial. What is wrong with it is its result; only what would stop every other trial is thrown.
 *
 * @throws MainstemError INTERRUPTED, CODE_CHANGED, VALIDATION_FAILED, DATA_*, STORE_*, BACKEND_*, …
 */
export async function runWhole(session: Session, trial: number, values: Values): Promise<void> {
  const before = findKnown(session, trial, values);
  const result = await settle(trial, values, async () => {
    const request = requestOf(session, trial, values);
    await session.elsewhere?.(values, request);
    return doneTrial(
      trial,
      values,
      await runTrial(session.context, request, measuresFile(session.sweep)),
    );
  });
  await session.keep(result);
  if (!before) session.onTrial(result);
}

/** What a trial is run with. @throws MainstemError PARAMETER_INVALID for values that do not go together */
export function requestOf(session: Session, trial: number, values: Values): TrialRequest {
  const { context, backend, machine } = session;
  const parameters = changeParameters(context.project, values);
  return { parameters, backend, machine, checkpoint: checkpointOf(session, trial) };
}

/** The result of some work on a trial, or its failure. */
export async function settle<Result>(
  trial: number,
  values: Values,
  work: () => Promise<Result>,
): Promise<Result | SweepTrial> {
  const began = performance.now();
  try {
    return await work();
  } catch (error) {
    if (!isOwnFault(error)) throw error;
    const { code, message } = faultOf(error);
    const seconds = (performance.now() - began) / 1000;
    return { ...emptyTrial(trial, values), status: 'failed', error: { code, message }, seconds };
  }
}

/** What is noted of a failure: of one elsewhere what was noted there. */
function faultOf(error: Error): NonNullable<SweepTrial['error']> {
  const { message } = error;
  if (!isMainstemError(error)) return { code: 'UNEXPECTED', message };
  if (error.code !== 'TRIAL_FAILED') return { code: error.code, message };
  return { code: `${error.details.code}`, message: `${error.details.reason}` };
}

/** Errors that say something about these parameters, and nothing about the next ones. */
const ownFaults =
  /^(TRIAL_|TRAINING_|ONNX_LAYER_|PACKAGE_NOT_FINITE|PARAMETER_INVALID|MEMORY_EXHAUSTED)/;

function isOwnFault(error: unknown): error is Error {
  if (isMainstemError(error)) return ownFaults.test(error.code);
  // A network that cannot be built is an ordinary error of the project's code; the system's own concern every trial.
  return error instanceof Error && !('syscall' in error);
}

/** The result of a trial that has run. */
export function doneTrial(
  trial: number,
  values: Values,
  { validation, footprint, seconds }: Omit<Awaited<ReturnType<typeof runTrial>>, 'key'>,
): SweepTrial {
  const metrics = { ...validation.metrics, ...footprint };
  const { predictions } = validation;
  return { ...emptyTrial(trial, values), status: 'done', metrics, predictions, seconds };
}

/** A trial of which nothing is known. */
export function emptyTrial(trial: number, values: Values): Omit<SweepTrial, 'status'> {
  return {
    ...{ trial, values: { ...values }, epochs: null, loss: null },
    ...{ metrics: {}, predictions: null, error: null, seconds: 0 },
  };
}
