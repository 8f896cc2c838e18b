import type { Operator } from '../planner.ts';
import { readWindow } from './windows.ts';

/** Imports MaxPool and AveragePool; a mean over a whole map as GlobalAveragePool. */
export const planPool =
  (kind: 'maxPooling2d' | 'averagePooling2d'): Operator =>
  (step) => {
    const { attributes } = step;
    const kernel = attributes.ints('kernel_shape', []);
    // Zeros at the border count in a mean only where the file says so, and never in a maximum.
    const zeros = kind === 'averagePooling2d' && attributes.int('count_include_pad', 0) === 1;
    const { input, sliding, size } = readWindow(step, kernel, zeros);
    if (zeros && sliding.padding === 'same' && !coversAll(input.shape, size)) {
      throw step.refuse('counts cells beyond the border, which no layer does');
    }
    step.add({ kind, poolSize: size, ...sliding }, [input]);
  };

function coversAll([height, width]: readonly number[], size: readonly [number, number]): boolean {
  return height === size[0] && width === size[1];
}

/** Imports GlobalAveragePool. */
export const planGlobalAveragePool: Operator = (step) => {
  const input = step.value(0);
  if (input.shape.length !== 3) throw step.refuse('is not over pictures');
  step.add({ kind: 'globalAveragePooling2d' }, [input]);
};

/** Imports ReduceMean over rows and columns, as which some programs write GlobalAveragePool. */
export const planReduceMean: Operator = (step) => {
  const given = step.constant(1)?.values ?? step.attributes.ints('axes', []);
  const axes = [...given].map((axis) => (axis < 0 ? axis + 4 : axis)).sort();
  const input = step.value(0);
  if (input.shape.length !== 3 || axes.join() !== '2,3') {
    throw step.refuse(`is over the axes ${axes.join(', ')}, not over rows and columns`);
  }
  step.add({ kind: 'globalAveragePooling2d' }, [input]);
};
