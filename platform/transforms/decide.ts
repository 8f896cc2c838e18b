import type { EvaluateOutput, OutOfDistribution } from '../schemas/index.ts';
import { type ChoiceRules, chooseClass } from './choose-class.ts';
import { removeShift } from './remove-shift.ts';
import { distanceScore, energyScore } from './score.ts';
import { softmax } from './softmax.ts';

/** What the network gives for one example. */
export interface NetworkOutput {
  /** Logits, one per class in the order of the classes; for regression the one value. */
  readonly output: ArrayLike<number>;
  /** The input of the network's last layer. */
  readonly embedding: ArrayLike<number>;
}

/** The part of a model's record that turns a network's output into an answer. */
export interface DecisionRules extends ChoiceRules {
  /** What training added to each logit; absent for nothing. */
  readonly priorShift?: readonly number[] | undefined;
  readonly outOfDistribution: OutOfDistribution | null;
}

/** The rules of decision in a model's record. */
export function decisionRules({
  classes,
  evaluation: { temperature, priorShift, decision, outOfDistribution },
}: {
  readonly classes: readonly string[];
  readonly evaluation: Pick<
    EvaluateOutput,
    'temperature' | 'priorShift' | 'decision' | 'outOfDistribution'
  >;
}): DecisionRules {
  return { classes, temperature, priorShift, decision, outOfDistribution };
}

/** The answer for one example. */
export interface Decision {
  /** A class; for regression the value as text. */
  readonly predicted: string;
  /** Calibrated probabilities in the order of the classes; for regression [value]. */
  readonly probabilities: number[];
  /** Higher is more like the training data. */
  readonly score: number;
  /** False for an out-of-distribution input, which must not be answered. */
  readonly accepted: boolean;
}

/**
 * Decides one example: the one place where logits become a class, a probability and a refusal, so that
 * evaluation and serving cannot differ. Of equal logits the first class wins. The score is of the logits as they are.
 *
 * @example
 * const rules = { classes: ['good', 'bad'], temperature: 2, outOfDistribution: null };
 * decide({ output: [2, 0], embedding: [] }, rules);
 * // { predicted: 'good', probabilities: [0.731…, 0.268…], score: 2.126…, accepted: true }
 */
export function decide(network: NetworkOutput, rules: DecisionRules): Decision {
  const score = scoreOf(network, rules);
  const accepted = !rules.outOfDistribution || score >= rules.outOfDistribution.threshold;
  if (rules.classes.length === 0) {
    const value = network.output[0] ?? 0;
    return { predicted: String(value), probabilities: [value], score, accepted };
  }
  const logits = removeShift(network.output, rules.priorShift);
  const probabilities = softmax(logits, rules.temperature);
  const named = rules.classes[chooseClass(logits, rules)] ?? '';
  return { predicted: named, probabilities, score, accepted };
}

/** The score that {@link DecisionRules.outOfDistribution} names; without it energy, for regression 0. */
function scoreOf({ output, embedding }: NetworkOutput, rules: DecisionRules): number {
  const distance = rules.outOfDistribution?.distance;
  if (rules.outOfDistribution?.method === 'distance' && distance) {
    return distanceScore(embedding, distance);
  }
  return rules.classes.length === 0 ? 0 : energyScore(output);
}
