import type { Observed } from '../../../onnx/index.ts';
import type { PlannedWeight } from '../layer-plan.ts';
import type { Operator } from '../planner.ts';
import { floatsOf } from './floats.ts';
import { readWindow } from './windows.ts';

/**
 * Imports Conv: one that looks at each channel alone as a depthwise layer, any other as a full one. Groups of several
 * channels become a full kernel with zeros between groups, as the layers library has none.
 */
export const planConv: Operator = (step) => {
  const kernel = step.need(1);
  const [outputs = 1, inGroup = 1, height = 1, width = 1] = kernel.dims;
  const group = step.attributes.int('group', 1);
  const { input, sliding, size } = readWindow(step, kernel.dims.slice(2), true);
  const bias = biasOf(step.constant(2), outputs);
  if (inGroup === 1 && group > 1) {
    const multiplier = outputs / group;
    const values = depthwiseKernel(floatsOf(kernel), [outputs, height * width]);
    const shape = [height, width, group, multiplier];
    step.add(
      { kind: 'depthwiseConv2d', depthMultiplier: multiplier, kernelSize: size, ...sliding },
      [input],
      [{ shape, values }, bias],
    );
    return;
  }
  const inputs = inGroup * group;
  const values = fullKernel(floatsOf(kernel), {
    ...{ outputs, inGroup, group, cells: height * width },
  });
  step.add(
    { kind: 'conv2d', filters: outputs, kernelSize: size, ...sliding },
    [input],
    [{ shape: [height, width, inputs, outputs], values }, bias],
  );
};

function biasOf(bias: Observed | null, outputs: number): PlannedWeight {
  return { shape: [outputs], values: bias ? floatsOf(bias) : new Float32Array(outputs) };
}

/** [outputs, 1, cells] → [cells, outputs]: the outputs of a channel stand together in both. */
function depthwiseKernel(values: Float32Array, [outputs, cells]: readonly [number, number]) {
  const turned = new Float32Array(values.length);
  for (let output = 0; output < outputs; output++) {
    for (let cell = 0; cell < cells; cell++) {
      turned[cell * outputs + output] = values[output * cells + cell] ?? 0;
    }
  }
  return turned;
}

/** [outputs, inGroup, cells] → [cells, inGroup × group, outputs]. */
function fullKernel(
  values: Float32Array,
  {
    outputs,
    inGroup,
    group,
    cells,
  }: {
    readonly outputs: number;
    readonly inGroup: number;
    readonly group: number;
    readonly cells: number;
  },
): Float32Array {
  const inputs = inGroup * group;
  const full = new Float32Array(cells * inputs * outputs);
  let from = 0;
  for (let output = 0; output < outputs; output++) {
    const first = Math.floor(output / (outputs / group)) * inGroup;
    for (let input = first; input < first + inGroup; input++) {
      for (let cell = 0; cell < cells; cell++) {
        full[(cell * inputs + input) * outputs + output] = values[from++] ?? 0;
      }
    }
  }
  return full;
}
