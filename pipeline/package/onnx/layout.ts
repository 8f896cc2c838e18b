import type { OnnxGraph } from '../../onnx/index.ts';
import type { LayerContext, Weight } from './layer.ts';
import type { Value } from './value.ts';

/** The value with its channels before its rows, as ONNX's operators want images. */
export function channelsFirst(graph: OnnxGraph, value: Value): Value {
  if (value.shape.length !== 4 || value.layout === 'channels-first') return value;
  const name = graph.node('Transpose', [value.name], { perm: [0, 3, 1, 2] });
  return { ...value, name, layout: 'channels-first' };
}

/** The value as the layers library lays it out. */
export function channelsLast(graph: OnnxGraph, value: Value): Value {
  if (value.layout === 'channels-last') return value;
  const name = graph.node('Transpose', [value.name], { perm: [0, 2, 3, 1] });
  return { ...value, name, layout: 'channels-last' };
}

/** Height and width of an image value. @throws MainstemError ONNX_LAYER_UNSUPPORTED if they are not fixed */
export function imageSize(context: LayerContext, value: Value): readonly [number, number] {
  const [, height, width] = value.shape;
  if (value.shape.length === 4 && typeof height === 'number' && typeof width === 'number') {
    return [height, width];
  }
  throw context.unsupported('its input is not an image of fixed size');
}

/** Values with their axes in another order: axis i of the result is axis `order[i]` of the weight. */
export function permute({ shape, values }: Weight, order: readonly number[]): Weight {
  const strides = shape.map((_, axis) => product(shape.slice(axis + 1)));
  const sizes = order.map((axis) => shape[axis] ?? 1);
  const steps = order.map((axis) => strides[axis] ?? 1);
  const place = sizes.map(() => 0);
  const permuted = new Float32Array(values.length);
  for (let at = 0; at < permuted.length; at++) {
    permuted[at] = values[dot(place, steps)] ?? 0;
    advance(place, sizes);
  }
  return { shape: sizes, values: permuted };
}

/** The product of sizes: how many values a shape holds. */
export function product(sizes: readonly number[]): number {
  return sizes.reduce((total, size) => total * size, 1);
}

function dot(a: readonly number[], b: readonly number[]): number {
  return a.reduce((sum, value, index) => sum + value * (b[index] ?? 0), 0);
}

/** Counts up, the last digit fastest. */
function advance(place: number[], sizes: readonly number[]): void {
  for (let digit = place.length - 1; digit >= 0; digit--) {
    const next = (place[digit] ?? 0) + 1;
    place[digit] = next < (sizes[digit] ?? 1) ? next : 0;
    if (place[digit] !== 0) return;
  }
}
