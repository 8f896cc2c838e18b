import { isMainstemError } from '../../../platform/lib/errors.ts';
import type { SweepReport } from '../../../platform/report/index.ts';
import type { Prediction, SweepEnd, SweepTrial } from '../../../platform/schemas/index.ts';
import type { ProjectContext } from '../../context.ts';
import { compareValidation, readPredictions } from '../../evaluation/index.ts';
import { lossOf, paretoFront, positionOf } from '../../sweep/index.ts';
import type { Session } from './session.ts';

export type { SweepReport } from '../../../platform/report/index.ts';

/** What was found, by one machine or several. */
export interface Found extends Pick<Session, 'sweep' | 'id' | 'known' | 'trials' | 'seconds'> {
  readonly context: ProjectContext;
  /** Runs a trial again whose answers a clean-up took from the store. */
  readonly repeat: (trial: SweepTrial) => Promise<void>;
}

/** Sums up a sweep: the best trial by the first objective, those that no other beats, and how sure it is. */
export async function concludeSweep(session: Found, ended: SweepEnd): Promise<SweepReport> {
  const { context, sweep, known, trials, id } = session;
  const { definition, objectives, dimensions } = sweep;
  const all = [...known.values()].sort((a, b) => a.trial - b.trial);
  const own = all.filter(({ trial }) => trial <= trials);
  const done = own.filter(({ status }) => status === 'done');
  const best = bestOf(done, session);
  const front = paretoFront(
    done.map(({ metrics }) => metrics),
    objectives,
  ).flatMap((place) => done[place]?.trial ?? []);
  return {
    project: { name: context.project.definition.name, task: context.project.definition.task },
    id,
    method: definition.method,
    objectives: [...objectives],
    ended,
    planned: trials,
    seconds: session.seconds(),
    trials: own,
    axes: dimensions.map((dimension) => ({
      key: dimension.key,
      positions: own.map(({ values }) => positionOf(dimension, values[dimension.key])),
    })),
    best: best.trial,
    front,
    comparison: best.trial === 0 ? null : await compare(session, best, done.length - 1),
  };
}

function bestOf(done: readonly SweepTrial[], { sweep }: Found): SweepTrial {
  const [objective] = sweep.objectives;
  const [today] = done;
  if (!objective || !today) throw new TypeError('today’s parameters have a result');
  const loss = ({ metrics }: SweepTrial) => lossOf(objective, metrics);
  return done.reduce((best, other) => (loss(other) < loss(best) ? other : best), today);
}

/** Null where the first objective is measured of the file, which has no examples. */
async function compare(
  session: Found,
  best: SweepTrial,
  candidates: number,
): Promise<SweepReport['comparison']> {
  const { task, classes = [] } = session.context.project.definition;
  const [objective] = session.sweep.objectives;
  if (!objective || /^(modelBytes|latencyMs)$/.test(objective.name)) return null;
  const [chosen, today] = [await predictionsOf(session, best), await predictionsOf(session, 0)];
  return compareValidation(chosen, today, {
    ...{ metric: objective.name, candidates },
    classes: task === 'tabular-regression' ? [] : classes,
  });
}

/** The answers of a trial. */
async function predictionsOf(
  session: Found,
  which: SweepTrial | 0,
): Promise<readonly Prediction[]> {
  const trial = which === 0 ? session.known.get(0) : which;
  if (!trial?.predictions) throw new TypeError('a trial that is done has answers');
  try {
    return await readPredictions(session.context.store, trial.predictions);
  } catch (error) {
    if (!isMainstemError(error, 'STORE_MISSING')) throw error;
    await session.repeat(trial);
    return readPredictions(session.context.store, trial.predictions);
  }
}
