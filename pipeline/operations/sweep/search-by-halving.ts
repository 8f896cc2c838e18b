import { inLanes } from '../../../platform/lib/in-lanes.ts';
import { modelKind } from '../../../platform/schemas/define/index.ts';
import type { SweepEnd, SweepTrial } from '../../../platform/schemas/index.ts';
import { runPart } from '../../run-trial.ts';
import {
  type Bracket,
  budgetKey,
  planHalving,
  planHyperband,
  promoteTrials,
  proposeTrial,
  type Values,
} from '../../sweep/index.ts';
import {
  emptyTrial,
  findKnown,
  type NumberedTrial,
  requestOf,
  runOpenTrials,
  type Session,
  settle,
} from './session.ts';

/**
 * Begins many trials and goes on with the best of them: a rung is decided when all of its trials are there, so that it does
 * not matter which one ends first. A network goes on from its checkpoint; trees begin again.
 */
export async function searchByHalving(session: Session): Promise<SweepEnd> {
  const tried: Values[] = [session.sweep.today];
  for (const bracket of planBrackets(session)) {
    const begun = beginTrials(session, tried, bracket.trials);
    tried.push(...begun.map(({ values }) => values));
    if (!(await runBracket(session, bracket, begun))) return 'time';
    if (begun.length < bracket.trials) return 'exhausted';
  }
  return 'complete';
}

function planBrackets({ sweep, context, trials }: Session): Bracket[] {
  const { definition } = sweep;
  const plan = { most: wholeLength(context.project), least: definition.least, trials };
  const { factor } = definition;
  return definition.method === 'halving'
    ? planHalving({ ...plan, factor })
    : planHyperband({ ...plan, factor });
}

/** Epochs, of trees rounds, of a whole training. */
function wholeLength({ definition, parameters }: Session['context']['project']): number {
  if (budgetKey(modelKind(definition)) === 'epochs') {
    return 'epochs' in parameters ? parameters.epochs : 1;
  }
  const { trees } = parameters.model;
  return typeof trees === 'number' ? trees : 1;
}

function beginTrials({ sweep }: Session, tried: readonly Values[], most: number): NumberedTrial[] {
  const { definition, dimensions } = sweep;
  const options = { method: definition.method, dimensions, seed: definition.seed };
  const before = tried.map((values) => ({ values, loss: null }));
  const begun: NumberedTrial[] = [];
  while (begun.length < most) {
    const values = proposeTrial(options, [...before, ...begun.map(toProposed)]);
    if (values === null) break;
    begun.push({ trial: tried.length + begun.length, values });
  }
  return begun;
}

function toProposed({ values }: NumberedTrial) {
  return { values, loss: null };
}

/** Runs a bracket. @returns false if its time was up */
async function runBracket(
  session: Session,
  { rungs }: Bracket,
  begun: readonly NumberedTrial[],
): Promise<boolean> {
  let alive = begun;
  for (const epochs of rungs.slice(0, -1)) {
    const results = await runRung(session, epochs, alive);
    if (!results) return false;
    const ahead = new Set(promoteTrials(results, session.sweep.definition.factor));
    for (const { trial, values } of alive) {
      if (!ahead.has(trial)) await giveUp(session, { trial, values }, results);
    }
    alive = alive.filter(({ trial }) => ahead.has(trial));
  }
  return runOpenTrials(session, alive);
}

interface RungTrial {
  readonly trial: number;
  readonly loss: number;
  readonly epochs: number;
  readonly seconds: number;
}

/** The losses of all trials after so many epochs; null if time was up. */
async function runRung(
  session: Session,
  epochs: number,
  alive: readonly NumberedTrial[],
): Promise<RungTrial[] | null> {
  const results: RungTrial[] = [];
  let late = false;
  await inLanes(alive, session.parallel, async ({ trial, values }) => {
    const failed = findKnown(session, trial, values)?.status === 'failed';
    if (failed) return void results.push({ trial, loss: Infinity, epochs: 0, seconds: 0 });
    if (!session.hasTime()) {
      late = true;
      return;
    }
    const part = await settle(trial, values, () =>
      runPart(session.context, requestOf(session, trial, values), epochs),
    );
    results.push('trial' in part ? await fail(session, part) : { trial, ...part });
  });
  return late ? null : results.sort((a, b) => a.trial - b.trial);
}

async function fail(session: Session, failed: SweepTrial): Promise<RungTrial> {
  await session.keep(failed);
  session.onTrial(failed);
  return { trial: failed.trial, loss: Infinity, epochs: 0, seconds: failed.seconds };
}

/** Notes that a trial does not go on, unless that is known. */
async function giveUp(
  session: Session,
  { trial, values }: NumberedTrial,
  results: readonly RungTrial[],
): Promise<void> {
  const found = results.find((result) => result.trial === trial);
  if (!found || findKnown(session, trial, values)) return;
  const { loss, epochs, seconds } = found;
  const stopped = {
    ...emptyTrial(trial, values),
    status: 'stopped',
    epochs,
    loss,
    seconds,
  } as const;
  await session.keep(stopped);
  session.onTrial(stopped);
}
