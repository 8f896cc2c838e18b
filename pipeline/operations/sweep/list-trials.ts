import { MainstemError } from '../../../platform/lib/errors.ts';
import { proposeTrial, type Sweep, type Values } from '../../sweep/index.ts';

/** Methods whose trials are known before any result. */
const known: ReadonlySet<string> = new Set(['grid', 'random', 'sobol']);

/** Whether a sweep's trials do not follow from the results of others. */
export function isKnownBeforehand({ definition }: Sweep): boolean {
  return known.has(definition.method);
}

/**
 * The values of a sweep's trials, in the order of their numbers; the first changes nothing.
 *
 * @throws MainstemError SWEEP_NOT_SPREAD where they follow from results
 */
export function listTrials(sweep: Sweep, project: string, trials: number): Values[] {
  const { definition, dimensions, today } = sweep;
  const { method, seed } = definition;
  if (!isKnownBeforehand(sweep)) {
    const reason = 'chooses them by the results of others';
    throw new MainstemError('SWEEP_NOT_SPREAD', { project, method, reason });
  }
  const listed: Values[] = [];
  while (listed.length < trials) {
    const before = [today, ...listed].map((values) => ({ values, loss: null }));
    const values = proposeTrial({ method, dimensions, seed }, before);
    if (values === null) break;
    listed.push(values);
  }
  return [{}, ...listed];
}
