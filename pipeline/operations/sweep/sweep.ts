import { rm } from 'node:fs/promises';
import { availableParallelism } from 'node:os';
import { dirname } from 'node:path';
import { MainstemError } from '../../../platform/lib/errors.ts';
import type { BackendChoice, SweepEnd, SweepTrial } from '../../../platform/schemas/index.ts';
import { backendFor } from '../../backend-for.ts';
import type { ProjectContext } from '../../context.ts';
import { createMachine, thisMachine } from '../../engine/index.ts';
import { assertJoined } from '../../joined-table.ts';
import { gridSize, loadSweep, type Sweep } from '../../sweep/index.ts';
import { type ClusterRequest, openTrialRunner } from '../cluster/run-trials.ts';
import { provideData } from '../provide-data.ts';
import { shareResults } from '../share-results.ts';
import { concludeSweep, type SweepReport } from './conclude-sweep.ts';
import { searchByHalving } from './search-by-halving.ts';
import { searchOneByOne } from './search-one-by-one.ts';
import { checkpointOf, measuresFile, openSession, runWhole, type Session } from './session.ts';

/** How to search; what is left out is as sweep.json says. */
export interface SweepRequest {
  readonly backend: BackendChoice;
  /** Address of the remote; left out or empty, the one that is configured, if any. */
  readonly remote?: string | undefined;
  /** How many trials at a time, as far as processors and memory allow. @default one for each processor */
  readonly parallel?: number | undefined;
  readonly trials?: number | undefined;
  readonly minutes?: number | undefined;
  /** Tries again what failed in an earlier session. */
  readonly restart?: boolean | undefined;
  /** The trial whose values will be asked for. */
  readonly wanted?: number | undefined;
  /** Address of the remote through which results are shared with other machines; empty for the one that is configured. */
  readonly sharedRemote?: string | undefined;
  /** Trials run as Jobs of a cluster; left out, on this machine. */
  readonly cluster?: ClusterRequest | undefined;
  /** One share of several, each run on a machine of its own. */
  readonly share?: { readonly share: number; readonly shares: number } | undefined;
}

/**
 * Searches the parameters that a project's sweep.json names, by the validation split alone: no trial is evaluated on the
 * test split. Stopped or killed it goes on where it was, since every trial has a run key; a trial that fails is noted, and
 * the search goes on. What it tries follows from sweep.json, the data and the code, whatever ends first.
 *
 * @throws MainstemError SWEEP_UNDEFINED, SWEEP_INVALID, SWEEP_TRIAL_UNKNOWN, SWEEP_NO_VALIDATION, and what concerns every trial
 */
export async function sweep(given: ProjectContext, request: SweepRequest): Promise<SweepReport> {
  const { workspace, project } = given;
  const { cluster, sharedRemote = cluster ? '' : undefined } = request;
  const sweep = await loadSweep(workspace.root, project);
  for (const note of notesOn(sweep, request)) workspace.reporter.warn(note);
  const trials = trialsOf(sweep, request.trials);
  if (request.wanted !== undefined && request.wanted > trials) {
    const known = `0 to ${trials}`;
    throw new MainstemError('SWEEP_TRIAL_UNKNOWN', { trial: request.wanted, known });
  }
  if (cluster) assertWholeTrials(sweep, project.definition.name);
  const context = await shareResults(given, sharedRemote);
  await provideData(context, sharedRemote || request.remote);
  await assertJoined(context);
  const backend = await backendFor(project.definition, request.backend);
  const footprint = measuresFile(sweep);
  const onCluster = cluster && { ...cluster, ...{ remote: sharedRemote, backend, footprint } };
  const minutes = request.minutes ?? sweep.definition.minutes;
  const end = minutes === undefined ? Infinity : performance.now() + minutes * 60_000;
  const parallel = request.parallel ?? (cluster ? podsAtOnce : availableParallelism());
  const machine = createMachine(thisMachine(), parallel);
  const session = await openSession({
    ...{ context, sweep, machine, restart: request.restart ?? false },
    backend,
    sharesResults: sharedRemote !== undefined && !cluster,
    elsewhere: onCluster && (await openTrialRunner(context, onCluster)),
    trials,
    parallel,
    isMine: (trial) => !request.share || (trial - 1) % request.share.shares === request.share.share,
    hasTime: () => performance.now() < end,
    onTrial: (trial) => workspace.reporter.info(describeTrial(trial, sweep)),
  });
  const ended = await search(session);
  if (ended !== 'time')
    await rm(dirname(checkpointOf(session, 0)), { recursive: true, force: true });
  const repeat = ({ trial, values }: SweepTrial) => runWhole(session, trial, values);
  return concludeSweep({ ...session, repeat }, ended);
}

/** Without --parallel: what a small cluster takes. */
const podsAtOnce = 8;

/** Halving goes on from checkpoints, which stay on one machine. @throws MainstemError SWEEP_NOT_SPREAD */
function assertWholeTrials({ definition: { method } }: Sweep, project: string): void {
  if (!halves(method)) return;
  const reason = 'goes on from checkpoints, which stay on one machine';
  throw new MainstemError('SWEEP_NOT_SPREAD', { project, method, reason });
}

const halves = (method: string) => method === 'halving' || method === 'hyperband';

function search(session: Session): Promise<SweepEnd> {
  const { method } = session.sweep.definition;
  return halves(method) ? searchByHalving(session) : searchOneByOne(session);
}

/** A grid has as many trials as combinations, unless fewer are asked for. */
export function trialsOf({ definition, dimensions }: Sweep, asked: number | undefined): number {
  if (asked !== undefined) return asked;
  return definition.method === 'grid' ? gridSize(dimensions) : definition.trials;
}

/** What of the request and of sweep.json will not happen as somebody may think. */
function notesOn({ definition, dimensions, unused }: Sweep, { trials }: SweepRequest): string[] {
  const points = gridSize(dimensions);
  const notes = unused.filter((note) => trials === undefined || !note.startsWith('trials '));
  if (definition.method !== 'grid' || trials === undefined || trials >= points)
    return notes.map((note) => `sweep.json: ${note}`);
  return [
    ...notes.map((note) => `sweep.json: ${note}`),
    `Of the ${points} points of the grid ${trials} are tried, chosen at random.`,
  ];
}

function describeTrial({ trial, status, metrics, epochs, loss, error }: SweepTrial, sweep: Sweep) {
  const reached = sweep.objectives.map(({ name }) => `${name} ${metrics[name] ?? '–'}`);
  if (status === 'done') return `Trial ${trial}: ${reached.join(', ')}`;
  if (status === 'failed') return `Trial ${trial} failed: ${error?.message}`;
  return `Trial ${trial}: validation loss ${loss} after ${epochs}, given up`;
}
