import { Type } from 'typebox';
import type { LayerContext } from './layer.ts';
import { imageSize } from './layout.ts';
import type { Value } from './value.ts';

const Pair = Type.Tuple([Type.Integer(), Type.Integer()]);

/** The settings that convolutions and pools share. */
export const WindowConfig = Type.Object({
  strides: Pair,
  padding: Type.Union([Type.Literal('same'), Type.Literal('valid')]),
  dataFormat: Type.Literal('channelsLast'),
});

export { Pair };

interface Window {
  readonly strides: readonly [number, number];
  readonly padding: 'same' | 'valid';
}

/** The `pads` attribute, [top, left, bottom, right], for a window of [rows, columns] cells. */
export function padsOf(
  context: LayerContext,
  value: Value,
  window: Window,
  [rows, columns]: readonly [number, number],
): number[] {
  if (window.padding === 'valid') return [0, 0, 0, 0];
  const [height, width] = imageSize(context, value);
  const [top, bottom] = samePads(height, rows, window.strides[0]);
  const [left, right] = samePads(width, columns, window.strides[1]);
  return [top, left, bottom, right];
}

/** `same` padding as the library computes it: the odd cell comes last. */
function samePads(size: number, window: number, stride: number): [number, number] {
  const total = Math.max(0, (Math.ceil(size / stride) - 1) * stride + window - size);
  return [Math.floor(total / 2), Math.ceil(total / 2)];
}
