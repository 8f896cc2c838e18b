import type { SweepEnd } from '../../../platform/schemas/index.ts';
import { lossOf, proposeTrial, type Values } from '../../sweep/index.ts';
import { runOpenTrials, type Session } from './session.ts';

/**
 * Tries whole trainings, in batches: what is proposed in one follows from the results before it, so that it does not
 * matter which trial ends first, how many run at a time, or how often the sweep was stopped.
 */
export async function searchOneByOne(session: Session): Promise<SweepEnd> {
  const { method, batch } = session.sweep.definition;
  const size = method === 'tpe' ? batch : session.trials;
  const tried: Values[] = [session.sweep.today];
  while (tried.length <= session.trials) {
    const [first, room] = [tried.length, session.trials + 1 - tried.length];
    const proposed = proposeBatch(session, tried, Math.min(size, room));
    tried.push(...proposed);
    const numbered = proposed.map((values, place) => ({ trial: first + place, values }));
    const own = numbered.filter(({ trial }) => session.isMine(trial));
    if (!(await runOpenTrials(session, own))) return 'time';
    if (proposed.length < Math.min(size, room)) return 'exhausted';
  }
  return 'complete';
}

/** The next trials; fewer where everything was tried. @param tried today's parameters first */
function proposeBatch(session: Session, tried: readonly Values[], most: number): Values[] {
  const { definition, dimensions } = session.sweep;
  const options = { method: definition.method, dimensions, seed: definition.seed };
  const before = tried.map((values, trial) => ({ values, loss: lossOfTrial(session, trial) }));
  const proposed: Values[] = [];
  while (proposed.length < most) {
    const waiting = proposed.map((values) => ({ values, loss: null }));
    const values = proposeTrial(options, [...before, ...waiting]);
    if (values === null) break;
    proposed.push(values);
  }
  return proposed;
}

function lossOfTrial({ known, sweep }: Session, trial: number): number {
  const [objective] = sweep.objectives;
  const found = known.get(trial);
  return found && objective ? lossOf(objective, found.metrics) : Number.POSITIVE_INFINITY;
}
