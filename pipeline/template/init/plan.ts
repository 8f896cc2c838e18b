import type { Parameters } from '../../../platform/schemas/define/index.ts';
import type { Task } from '../../../platform/schemas/index.ts';

/** What a new project will say, decided from its data, before it is written down as code. */
export interface ProjectPlan {
  readonly task: Task;
  /** Body of `defineProject({ … })` after `data`, one property after another, indented by two. */
  readonly properties: readonly string[];
  /** Which of the templates is the network; null for trees. */
  readonly template: 'cnn' | 'head' | 'mlp' | null;
  readonly parameters: Parameters;
  /** Notes about the choices, for a person. */
  readonly notes: readonly string[];
}

/** The number of epochs that makes about `steps` steps, at least `fewest` and at most `most`. */
export function epochsFor(
  { examples, batchSize, steps }: { examples: number; batchSize: number; steps: number },
  [fewest, most]: readonly [number, number],
): number {
  const trained = Math.max(1, Math.round(0.7 * examples));
  const perEpoch = Math.ceil(trained / batchSize);
  return Math.min(most, Math.max(fewest, Math.round(steps / perEpoch)));
}

/** Whether the classes are so unequal that accuracy says little of the rare ones. */
export function isUnequal(counts: readonly number[]): boolean {
  return Math.max(...counts) > 2 * Math.min(...counts);
}

/**
 * The shares of train, validation and test. Small data gives more to validation and test, so that one example does
 * not decide a percentage point.
 */
export function splitFractions(examples: number): readonly [number, number, number] {
  return examples < 1000 ? [0.6, 0.2, 0.2] : [0.7, 0.15, 0.15];
}
