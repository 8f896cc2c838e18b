import type { PlannedValue, Sliding } from '../layer-plan.ts';
import type { Step } from '../planner.ts';

/** Top, bottom, left, right. */
type Padding = readonly [number, number, number, number];

/** How a window slides, and over what. */
export interface Window {
  readonly input: PlannedValue;
  readonly sliding: Sliding;
  readonly size: [number, number];
}

/**
 * Reads how a convolution or a pool slides. Where its borders are those that the layers library calls `same` (which ONNX
 * need not put at the same sides), they stay its own; any others are zeros around the input.
 *
 * @param zeros whether zeros at the borders mean the same as what the operator puts there
 * @throws MainstemError FINE_TUNE_UNSUPPORTED
 */
export function readWindow(step: Step, kernel: readonly number[], zeros: boolean): Window {
  const { attributes, refuse } = step;
  const [height = 1, width = 1, ...more] = kernel;
  const [down = 1, across = 1] = attributes.ints('strides', [1, 1]);
  // `same` is reckoned from the size that zeros around the input already make.
  const reckons = attributes.text('auto_pad', 'NOTSET').startsWith('SAME');
  const before = reckons ? step.value(0) : step.padded(0);
  if (more.length > 0 || before.shape.length !== 3) throw refuse('is not over pictures');
  if (attributes.ints('dilations', [1, 1]).some((by) => by !== 1)) {
    throw refuse('is dilated, which cannot be trained here');
  }
  const own = paddingOf(step, before.shape, [height, width], [down, across]);
  const pending = before.padding ?? [0, 0, 0, 0];
  const all = zeros ? sum(own, pending) : own;
  const bare = zeros ? { name: before.name, shape: before.shape } : step.value(0);
  const [rows = 0, columns = 0] = bare.shape;
  const same = [...samePadding(rows, height, down), ...samePadding(columns, width, across)];
  const size: Window['size'] = [height, width];
  const strides: Sliding['strides'] = [down, across];
  if (all.every((cells, at) => cells === same[at]))
    return { input: bare, size, sliding: { strides, padding: 'same' } };
  if (all.every((cells) => cells === 0))
    return { input: bare, size, sliding: { strides, padding: 'valid' } };
  if (!zeros) throw refuse(`has borders of ${all.join(', ')} cells, which no layer has`);
  const input = step.withZeros({ ...bare, padding: all });
  return { input, size, sliding: { strides, padding: 'valid' } };
}

function paddingOf(
  { attributes, refuse }: Step,
  [rows = 0, columns = 0]: readonly number[],
  [height, width]: readonly [number, number],
  [down, across]: readonly [number, number],
): Padding {
  const mode = attributes.text('auto_pad', 'NOTSET');
  const same = [...samePadding(rows, height, down), ...samePadding(columns, width, across)];
  const [top = 0, bottom = 0, left = 0, right = 0] = same;
  switch (mode) {
    case 'VALID':
      return [0, 0, 0, 0];
    case 'SAME_UPPER':
      return [top, bottom, left, right];
    case 'SAME_LOWER':
      return [bottom, top, right, left];
    case 'NOTSET': {
      const [t = 0, l = 0, b = 0, r = 0] = attributes.ints('pads', [0, 0, 0, 0]);
      return [t, b, l, r];
    }
    default:
      throw refuse(`has auto_pad ${mode}`);
  }
}

/** The borders that the layers library calls `same`: an odd cell comes last. */
function samePadding(size: number, window: number, stride: number): [number, number] {
  const total = Math.max(0, (Math.ceil(size / stride) - 1) * stride + window - size);
  return [Math.floor(total / 2), Math.ceil(total / 2)];
}

function sum(one: Padding, other: Padding): Padding {
  const [top, bottom, left, right] = one.map((cells, at) => cells + (other[at] ?? 0));
  return [top ?? 0, bottom ?? 0, left ?? 0, right ?? 0];
}
