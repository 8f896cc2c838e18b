import type { Observed } from '../../../onnx/index.ts';

/** The numbers of a weight. */
export function floatsOf({ values }: Observed): Float32Array {
  return Float32Array.from(values);
}

/** A weight with one number, or one for each of some channels, as one for each. Null for any other. */
export function channelFloats(
  { values, dims }: Observed,
  channels: number,
  maps: boolean,
): Float32Array | null {
  if (values.length === 1) return new Float32Array(channels).fill(values[0] ?? 0);
  // Channels stand before rows and columns, and last where there are none.
  const axis = maps ? dims.length - 3 : dims.length - 1;
  return values.length === channels && dims[axis] === channels ? Float32Array.from(values) : null;
}
