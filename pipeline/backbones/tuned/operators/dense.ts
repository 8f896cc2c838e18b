import type { PlannedValue, PlannedWeight } from '../layer-plan.ts';
import type { Operator, Step } from '../planner.ts';
import { channelFloats, floatsOf } from './floats.ts';

/** Imports Gemm over a row of numbers. */
export const planGemm: Operator = (step) => {
  const { attributes } = step;
  if (attributes.int('transA', 0) !== 0) throw step.refuse('turns its input');
  const turned = attributes.int('transB', 0) !== 0;
  const { alpha, beta } = {
    alpha: attributes.float('alpha', 1),
    beta: attributes.float('beta', 1),
  };
  const kernel = step.need(1);
  const units = kernel.dims[turned ? 0 : 1] ?? 0;
  const bias = step.constant(2);
  const shift = bias ? channelFloats(bias, units, false) : new Float32Array(units);
  if (!shift) throw step.refuse('has a bias that is not one number for each output');
  const values = (turned ? transpose(floatsOf(kernel), units) : floatsOf(kernel)).map(
    (value) => alpha * value,
  );
  addDense(step, { values, units, bias: shift.map((value) => beta * value) });
};

/** Imports MatMul of a row of numbers and a matrix. */
export const planMatMul: Operator = (step) => {
  if (!step.isData(0) || step.isData(1)) throw step.refuse('multiplies pictures by each other');
  const kernel = step.need(1);
  const [, units = 0, ...more] = kernel.dims;
  if (kernel.dims.length !== 2 || more.length > 0) throw step.refuse('is not by a matrix');
  addDense(step, { values: floatsOf(kernel), units, bias: new Float32Array(units) });
};

function addDense(
  step: Step,
  dense: {
    readonly values: Float32Array;
    readonly units: number;
    readonly bias: Float32Array;
  },
): void {
  const input = step.value(0);
  if (input.shape.length !== 1) throw step.refuse('is not over a row of numbers');
  const { units } = dense;
  const kernel = orderedAs(input, dense.values, units);
  const bias: PlannedWeight = { shape: [units], values: dense.bias };
  step.add(
    { kind: 'dense', units },
    [input],
    [{ shape: [kernel.length / units, units], values: kernel }, bias],
  );
}

/** The rows of a kernel in the order in which the layers library flattens pictures. */
function orderedAs({ flattened }: PlannedValue, values: Float32Array, units: number) {
  if (!flattened) return values;
  const [height, width, channels] = flattened;
  const cells = height * width;
  const ordered = new Float32Array(values.length);
  for (let cell = 0; cell < cells; cell++) {
    for (let channel = 0; channel < channels; channel++) {
      const from = (channel * cells + cell) * units;
      ordered.set(values.subarray(from, from + units), (cell * channels + channel) * units);
    }
  }
  return ordered;
}

/** [units, inputs] → [inputs, units]. */
function transpose(values: Float32Array, units: number): Float32Array {
  const inputs = values.length / units;
  return Float32Array.from(values, (_, at) => {
    return values[(at % units) * inputs + Math.floor(at / units)] ?? 0;
  });
}
