import { observedBatch } from '../observe.ts';
import type { Operator } from '../planner.ts';

/** Imports what makes rows of numbers out of pictures, by whatever operator, or changes nothing. */
export const planReshape: Operator = (step) => {
  const before = step.padded(0);
  const [batch, ...sizes] = step.dims;
  const numbers = before.shape.reduce((product, size) => product * size, 1);
  const flat = batch === observedBatch && sizes[0] === numbers;
  if (batch !== observedBatch) throw step.refuse('moves the axis of the batch');
  const [height = 0, width = 0, channels = 0] = before.shape;
  if (before.shape.length === 3 && sizes.join() === [channels, height, width].join()) {
    step.same(before);
  } else if (flat && before.shape.length === 1) {
    step.same(before);
  } else if (flat) {
    const value = step.value(0);
    step.add({ kind: 'flatten' }, [value]);
    if (height * width > 1) {
      step.same({ name: step.output, shape: [numbers], flattened: [height, width, channels] });
    }
  } else throw step.refuse(`makes [${sizes.join(', ')}] of [${before.shape.join(', ')}]`);
};

/** Imports Identity and Dropout, which matter while training alone. */
export const planNothing: Operator = (step) => step.same(step.padded(0));

/** Imports Concat of channels. */
export const planConcat: Operator = (step) => {
  const values = step.node.input.map((_, at) => step.value(at));
  if (values.some(({ shape }) => shape.length !== 3) || step.attributes.int('axis', 0) !== 1) {
    throw step.refuse('is not of the channels of pictures');
  }
  step.add({ kind: 'concatenate' }, values);
};

/** Imports Pad with zeros at the borders of pictures; what reads the result takes it up where it can. */
export const planPad: Operator = (step) => {
  const value = step.value(0);
  const pads = step.constant(1)?.values ?? step.attributes.ints('pads', []);
  const filling = step.constant(2)?.values[0] ?? step.attributes.float('value', 0);
  const mode = step.attributes.text('mode', 'constant');
  const [batchTop, channelTop, top, left, batchBottom, channelBottom, bottom, right] = pads;
  const others = [batchTop, channelTop, batchBottom, channelBottom];
  if (mode !== 'constant' || filling !== 0 || pads.length !== 8 || others.some((n) => n !== 0)) {
    throw step.refuse('does not put zeros around pictures');
  }
  if (step.constant(3)) throw step.refuse('names axes');
  step.same({ ...value, padding: [top ?? 0, bottom ?? 0, left ?? 0, right ?? 0] });
};
