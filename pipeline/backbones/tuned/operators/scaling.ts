import type { LayerPlan } from '../layer-plan.ts';
import type { Operator, Step } from '../planner.ts';
import { channelFloats, floatsOf } from './floats.ts';

/** Imports BatchNormalization as it answers: a factor and a shift for each channel, by the statistics of the file. */
export const planBatchNormalization: Operator = (step) => {
  if (step.attributes.int('training_mode', 0) !== 0) throw step.refuse('is in training mode');
  const epsilon = step.attributes.float('epsilon', 1e-5);
  const [gamma, beta, mean, variance] = [1, 2, 3, 4].map((at) => floatsOf(step.need(at)));
  const factors = Float32Array.from(gamma ?? [], (value, channel) => {
    return value / Math.sqrt((variance?.[channel] ?? 0) + epsilon);
  });
  const shifts = Float32Array.from(beta ?? [], (value, channel) => {
    return value - (mean?.[channel] ?? 0) * (factors[channel] ?? 0);
  });
  scale(step, 0, factors, shifts);
};

/** Imports Mul and Div by a number for each channel, or Mul of two pictures. */
export const planMultiply =
  (divides: boolean): Operator =>
  (step) => {
    const at = step.isData(0) ? 0 : 1;
    if (step.isData(0) && step.isData(1)) {
      if (divides) throw step.refuse('divides a picture by another');
      const inputs = [step.value(0), step.value(1)];
      assertAlike(step, inputs);
      step.add({ kind: 'multiply' }, inputs);
      return;
    }
    if (divides && at === 1) throw step.refuse('divides by a picture');
    const by = numbersOf(step, at);
    const factors = divides ? by.map((value) => 1 / value) : by;
    scale(step, at, factors, new Float32Array(factors.length));
  };

/** Imports Add and Sub of a number for each channel, or Add of pictures. */
export const planAdd =
  (sign: 1 | -1): Operator =>
  (step) => {
    const at = step.isData(0) ? 0 : 1;
    if (step.isData(0) && step.isData(1)) {
      if (sign === -1) throw step.refuse('takes a picture from another');
      const inputs = [step.value(0), step.value(1)];
      assertAlike(step, inputs);
      step.add({ kind: 'add' }, inputs);
      return;
    }
    const by = numbersOf(step, at);
    const own = sign === -1 && at === 1 ? -1 : 1;
    const shifts = by.map((value) => (at === 0 ? sign * value : value));
    scale(step, at, new Float32Array(by.length).fill(own), shifts);
  };

function numbersOf(step: Step, at: number): Float32Array {
  const { shape } = step.value(at);
  const numbers = channelFloats(step.need(1 - at), shape.at(-1) ?? 0, shape.length === 3);
  if (numbers) return numbers;
  throw step.refuse('is with a weight that is not one number for each channel');
}

function assertAlike(step: Step, inputs: readonly { readonly shape: readonly number[] }[]): void {
  if (new Set(inputs.map(({ shape }) => shape.join())).size === 1) return;
  throw step.refuse('joins tensors of different sizes');
}

/** Value × factor + shift: in the weights of the layer before where that can be, else as a layer of its own. */
function scale(step: Step, at: number, factors: Float32Array, shifts: Float32Array): void {
  const maker = step.soleMaker(at);
  const weights = maker && scaledWeights(maker, factors, shifts);
  if (maker && weights) {
    step.replace(maker, weights);
    return;
  }
  const value = step.value(at);
  if (value.shape.length !== 3) throw step.refuse('does not follow a layer with weights');
  step.add(
    {
      ...{ kind: 'depthwiseConv2d', depthMultiplier: 1, kernelSize: [1, 1] },
      ...{ strides: [1, 1], padding: 'valid' },
    },
    [value],
    [
      { shape: [1, 1, factors.length, 1], values: factors },
      { shape: [shifts.length], values: shifts },
    ],
  );
}

function scaledWeights({ weights }: LayerPlan, factors: Float32Array, shifts: Float32Array) {
  const [kernel, bias] = weights;
  if (!kernel || !bias) return null;
  // The outputs of every kind of kernel stand last, those of a depthwise one channel by channel.
  const outputs = factors.length;
  const scaled = kernel.values.map((value, place) => value * (factors[place % outputs] ?? 0));
  const moved = bias.values.map((value, channel) => {
    return value * (factors[channel] ?? 0) + (shifts[channel] ?? 0);
  });
  return [
    { ...kernel, values: scaled },
    { ...bias, values: moved },
  ];
}
