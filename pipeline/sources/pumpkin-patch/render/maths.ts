/*
 * Maths that gives the same bits on every machine: only additions, products, quotients and square roots,
 * which IEEE 754 rounds exactly. `Math.sin`, `Math.exp` and the like may differ between engines.
 */

/** x, y (up), z (towards the viewer). */
export type Vector = readonly [x: number, y: number, z: number];

/** A vector that a loop writes again and again, so that it makes no garbage. */
export type Point = [x: number, y: number, z: number];

export const tau = 6.283185307179586;

/** The sine of an angle in radians; error below 4e-6. */
export function sine(angle: number): number {
  const turned = angle - tau * Math.floor(angle / tau + 0.5);
  const folded =
    turned > tau / 4 ? tau / 2 - turned : turned < -tau / 4 ? -tau / 2 - turned : turned;
  const square = folded * folded;
  return (
    folded * (1 - (square / 6) * (1 - (square / 20) * (1 - (square / 42) * (1 - square / 72))))
  );
}

/** The cosine of an angle in radians; error below 4e-6. */
export function cosine(angle: number): number {
  return sine(angle + tau / 4);
}

export function clamp(value: number, low = 0, high = 1): number {
  return value < low ? low : value > high ? high : value;
}

export function mix(from: number, to: number, share: number): number {
  return from + (to - from) * share;
}

/** 0 up to `low`, 1 from `high`, a smooth step between. */
export function smoothstep(low: number, high: number, value: number): number {
  const share = clamp((value - low) / (high - low));
  return share * share * (3 - 2 * share);
}

/** A bump that is 1 at 0 and falls smoothly to 0 at 1. */
export function bump(distance: number): number {
  if (distance >= 1) return 0;
  const rest = 1 - distance * distance;
  return rest * rest;
}

/** A bell without an end: 1 at 0, 1/4 at 1. */
export function bell(distance: number): number {
  const share = 1 / (1 + distance * distance);
  return share * share;
}

export function normalized([x, y, z]: Vector): Vector {
  const length = Math.sqrt(x * x + y * y + z * z) || 1;
  return [x / length, y / length, z / length];
}

/** Gives a vector length 1, in place. */
export function normalize(point: Point): void {
  const x = point[0];
  const y = point[1];
  const z = point[2];
  const length = Math.sqrt(x * x + y * y + z * z) || 1;
  point[0] = x / length;
  point[1] = y / length;
  point[2] = z / length;
}

export function cross(a: Vector, b: Vector): Vector {
  return [a[1] * b[2] - a[2] * b[1], a[2] * b[0] - a[0] * b[2], a[0] * b[1] - a[1] * b[0]];
}

export function dot(a: Vector, b: Vector): number {
  return a[0] * b[0] + a[1] * b[1] + a[2] * b[2];
}

/** A rotation as three rows. */
export type Rotation = readonly [Vector, Vector, Vector];

/** First a turn about the upright axis, then a tilt towards the viewer, then a roll in the picture's plane. */
export function rotation(yaw: number, tilt: number, roll: number): Rotation {
  const [sy, cy, st, ct] = [sine(yaw), cosine(yaw), sine(tilt), cosine(tilt)];
  const [sr, cr] = [sine(roll), cosine(roll)];
  const turned: Rotation = [
    [cy, 0, sy],
    [-st * -sy, ct, -st * cy],
    [ct * -sy, st, ct * cy],
  ];
  const [a, b, c] = turned;
  const rolled = (p: number, q: number): Vector => [
    p * a[0] + q * b[0],
    p * a[1] + q * b[1],
    p * a[2] + q * b[2],
  ];
  return [rolled(cr, -sr), rolled(sr, cr), c];
}

export function rotate([a, b, c]: Rotation, point: Vector): Vector {
  return [dot(a, point), dot(b, point), dot(c, point)];
}

/** Rotates backwards: from the turned thing's outside view to its own axes. */
export function unrotate([a, b, c]: Rotation, [x, y, z]: Vector): Vector {
  return [
    a[0] * x + b[0] * y + c[0] * z,
    a[1] * x + b[1] * y + c[1] * z,
    a[2] * x + b[2] * y + c[2] * z,
  ];
}
