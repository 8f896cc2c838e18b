import { hash } from 'node:crypto';
import type { Example, LabelScale } from '../../platform/schemas/index.ts';
import {
  type TrainingTargets,
  targetFolds,
  toLabelScale,
} from '../../platform/transforms/index.ts';

/** What labels mean as numbers. */
export interface LabelMeaning {
  /** In the order of the outputs; empty for regression. */
  readonly classes: readonly string[];
  readonly labelScale?: LabelScale | undefined;
}

/** The labels of training rows, for categories that are encoded by them. */
export function trainingTargets(
  training: readonly Example[],
  { classes, labelScale }: LabelMeaning,
): TrainingTargets {
  const are = (name: string) =>
    Float64Array.from(training, ({ label }) => (label === name ? 1 : 0));
  const learnt = () =>
    Float64Array.from(training, ({ label }) => toLabelScale(Number(label), labelScale));
  const [, second = ''] = classes;
  return {
    parts:
      classes.length === 0
        ? [{ values: learnt() }]
        : classes.length === 2
          ? [{ values: are(second) }]
          : classes.map((name) => ({ class: name, values: are(name) })),
    folds: Uint8Array.from(training, ({ group }) => foldOf(group)),
  };
}

/** By content, so that equal rows, and all rows of one group, are in one fold, in whatever order they stand. */
function foldOf(group: string): number {
  return hash('sha256', `fold ${group}`, 'buffer').readUInt32BE() % targetFolds;
}
