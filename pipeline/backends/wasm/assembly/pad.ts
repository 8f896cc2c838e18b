import { bytesOf } from './vector.ts';

/** out[N, top + H + bottom, left + W + right, C] = the images x[N, H, W, C] with zeros around them. */
export function padZeros(
  from: i32,
  to: i32,
  x: usize,
  out: usize,
  height: i32,
  width: i32,
  channels: i32,
  top: i32,
  bottom: i32,
  left: i32,
  right: i32,
): void {
  const row = bytesOf(width * channels);
  const before = bytesOf(left * channels);
  const after = bytesOf(right * channels);
  const padded = before + row + after;
  x += <usize>(from * height) * row;
  out += <usize>(from * (top + height + bottom)) * padded;
  for (let n = from; n < to; n++) {
    out = fillZeros(out, <usize>top * padded);
    for (let h = 0; h < height; h++, x += row) {
      out = fillZeros(out, before);
      out = copyValues(x, out, row);
      out = fillZeros(out, after);
    }
    out = fillZeros(out, <usize>bottom * padded);
  }
}

/** Returns the address after the values, like copyValues. */
function fillZeros(to: usize, bytes: usize): usize {
  const end = to + bytes;
  const zero = f32x4.splat(0);
  for (; to + 16 <= end; to += 16) v128.store(to, zero);
  for (; to < end; to += 4) store<f32>(to, 0);
  return to;
}

function copyValues(from: usize, to: usize, bytes: usize): usize {
  const end = to + bytes;
  for (; to + 16 <= end; to += 16, from += 16) v128.store(to, v128.load(from));
  for (; to < end; to += 4, from += 4) store<f32>(to, load<f32>(from));
  return to;
}
