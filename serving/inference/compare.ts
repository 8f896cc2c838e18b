import type { ComparisonOutcome } from '../../monitoring/index.ts';
import type { Decision } from '../../platform/transforms/index.ts';
import type { LoggedInputs } from '../predictions/line.ts';
import { isAssigned, type ReadHeader } from './assign.ts';
import type { Lineup } from './lineup.ts';
import { inputShape, type ServedModel } from './models.ts';
import type { Pool } from './pool.ts';
import type { Predictor } from './predictor.ts';

/** A comparison that is made when an answer is sent. */
export type Comparison = (inputs: LoggedInputs, answered: readonly Decision[]) => Promise<void>;

/** Lets the other version of a trial answer the same inputs, when their sender has been answered. */
export interface Comparer {
  /**
   * Decides for a request whether another version answers it, too: a shadow what production answered, production what its
   * canary answered. Decided before the inputs are computed, which empties them.
   *
   * @returns null if none does
   */
  plan(answering: ServedModel, read: ReadHeader): Comparison | null;
}

/** What comparisons are made with. */
export interface CompareOptions {
  readonly lineup: Lineup;
  readonly pool: Pick<Pool, 'waiting'>;
  /** Counts what a shadow answers. */
  readonly predictor: Predictor;
  /** Counts nothing: production has counted its own. */
  readonly silentPredictor: Predictor;
  /** Threads that compute. */
  readonly workers: number;
  /** Called for each input. @param tried the version on trial */
  readonly onCompared: (tried: ServedModel, outcome: ComparisonOutcome, inputs: number) => void;
  readonly random?: () => number;
}

/** Two numbers agree that differ by less than this share of the larger. */
const numberTolerance = 0.1;

/** Creates what compares. Those who wait for an answer come first: while more work waits than threads compute, it compares nothing. */
export function createComparer(options: CompareOptions): Comparer {
  const { lineup, pool, workers, onCompared, random = Math.random } = options;
  let running = 0;
  const compare = async (pair: Pair, inputs: LoggedInputs, answered: readonly Decision[]) => {
    const { tried, other, predictor } = pair;
    if (running >= workers || pool.waiting > workers)
      return onCompared(tried, 'dropped', answered.length);
    running += 1;
    const release = lineup.hold(other);
    try {
      const decisions = await decideAgain(predictor, other, inputs);
      answered.forEach((decision, at) => {
        const found = decisions[at];
        onCompared(tried, found && agree(decision, found) ? 'agreed' : 'disagreed', 1);
      });
    } catch {
      // Whatever it is, the version has no answer where the other one had; its own counters say why.
      onCompared(tried, 'failed', answered.length);
    } finally {
      running -= 1;
      release();
    }
  };
  return {
    plan(answering, read) {
      const pair = pairOf(options, answering, read, random);
      return pair && ((inputs, answered) => compare(pair, inputs, answered));
    },
  };
}

/** A version on trial, and which of the two answers again. */
interface Pair {
  readonly tried: ServedModel;
  readonly other: ServedModel;
  readonly predictor: Predictor;
}

function pairOf(
  { lineup, predictor, silentPredictor }: CompareOptions,
  answering: ServedModel,
  read: ReadHeader,
  random: () => number,
): Pair | null {
  const { name } = answering;
  if (lineup.trial(name, 'canary')?.model === answering) {
    const other = lineup.models.find((model) => model.name === name);
    return other && other !== answering
      ? { tried: answering, other, predictor: silentPredictor }
      : null;
  }
  const shadow = lineup.trial(name, 'shadow');
  if (!shadow || !isAssigned(shadow.traffic, shadow.model.version, read, random)) return null;
  return { tried: shadow.model, other: shadow.model, predictor };
}

async function decideAgain(
  predictor: Predictor,
  model: ServedModel,
  inputs: LoggedInputs,
): Promise<readonly Decision[]> {
  if (inputs.kind === 'photo') return (await predictor.inferPhotos(model, inputs.photos)).decisions;
  if (inputs.kind === 'row') return (await predictor.inferRows(model, inputs.rows)).decisions;
  const length = inputShape(model).reduce((product, side) => product * side, inputs.batch);
  if (length !== inputs.data.length) throw new TypeError('it takes other tensors');
  return (await predictor.inferTensor(model, new Float32Array(inputs.data), inputs.batch))
    .decisions;
}

function agree(one: Decision, other: Decision): boolean {
  if (one.accepted !== other.accepted) return false;
  if (one.probabilities.length > 1 || other.probabilities.length > 1)
    return one.predicted === other.predicted;
  const [a = 0, b = 0] = [one.probabilities[0], other.probabilities[0]];
  return Math.abs(a - b) <= numberTolerance * Math.max(Math.abs(a), Math.abs(b));
}
