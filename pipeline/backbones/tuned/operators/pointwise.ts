import type { Operator, Step } from '../planner.ts';

/** Imports Relu. */
export const planRelu: Operator = (step) => {
  step.add({ kind: 'reLU', maxValue: null }, [step.value(0)]);
};

/** Imports Clip from 0 on: a Relu, with or without a ceiling. */
export const planClip: Operator = (step) => {
  const least = boundOf(step, 1, 'min', Number.NEGATIVE_INFINITY);
  const most = boundOf(step, 2, 'max', Number.POSITIVE_INFINITY);
  if (least !== 0) throw step.refuse(`begins at ${least}, not at 0`);
  const unbounded = most > 1e38;
  step.add({ kind: 'reLU', maxValue: unbounded ? null : most }, [step.value(0)]);
};

/** Old files have it as a setting, newer ones as an input. */
function boundOf(step: Step, at: number, name: string, otherwise: number): number {
  return step.constant(at)?.values[0] ?? step.attributes.float(name, otherwise);
}

/** Imports LeakyRelu. */
export const planLeakyRelu: Operator = (step) => {
  const alpha = step.attributes.float('alpha', 0.01);
  step.add({ kind: 'leakyReLU', alpha }, [step.value(0)]);
};

/** Imports Sigmoid and Tanh. */
export const planActivation =
  (activation: 'sigmoid' | 'tanh'): Operator =>
  (step) => {
    step.add({ kind: 'activation', activation }, [step.value(0)]);
  };
