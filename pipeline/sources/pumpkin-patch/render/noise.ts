import { createRandom } from '../../../../platform/lib/random.ts';

const random = createRandom('pumpkins/noise');
const order = random.shuffle(Array.from({ length: 256 }, (_, index) => index));
const places = Uint8Array.from([...order, ...order]);
const heights = Float64Array.from({ length: 256 }, () => random.next());

/** Smooth noise in [0, 1] over space; it repeats every 256 units. */
export function noise3(x: number, y: number, z: number): number {
  const ix = Math.floor(x);
  const iy = Math.floor(y);
  const iz = Math.floor(z);
  const fx = fade(x - ix);
  const fy = fade(y - iy);
  const near = plane(ix, iy, iz, fx, fy);
  return near + (plane(ix, iy, iz + 1, fx, fy) - near) * fade(z - iz);
}

/** Smooth noise in [0, 1] over a plane. */
export function noise2(x: number, y: number): number {
  const ix = Math.floor(x);
  const iy = Math.floor(y);
  return plane(ix, iy, 0, fade(x - ix), fade(y - iy));
}

/** Noise of several sizes, each half as large and half as strong as the one before; in [0, 1]. */
export function fractal3(x: number, y: number, z: number, octaves: number): number {
  let sum = 0;
  let weight = 0.5;
  let scale = 1;
  for (let octave = 0; octave < octaves; octave++) {
    sum += weight * noise3(x * scale, y * scale, z * scale + octave * 17);
    scale *= 2.03;
    weight *= 0.5;
  }
  return sum / (1 - 2 * weight);
}

/** {@link fractal3} over a plane. */
export function fractal2(x: number, y: number, octaves: number): number {
  let sum = 0;
  let weight = 0.5;
  let scale = 1;
  for (let octave = 0; octave < octaves; octave++) {
    sum += weight * noise2(x * scale + octave * 17, y * scale);
    scale *= 2.03;
    weight *= 0.5;
  }
  return sum / (1 - 2 * weight);
}

function plane(ix: number, iy: number, iz: number, fx: number, fy: number): number {
  const left = places[iz & 255] ?? 0;
  const a = places[left + (iy & 255)] ?? 0;
  const b = places[left + ((iy + 1) & 255)] ?? 0;
  const x0 = ix & 255;
  const x1 = (ix + 1) & 255;
  const top = lerp(height(a + x0), height(a + x1), fx);
  return lerp(top, lerp(height(b + x0), height(b + x1), fx), fy);
}

function height(place: number): number {
  return heights[places[place] ?? 0] ?? 0;
}

function lerp(from: number, to: number, share: number): number {
  return from + (to - from) * share;
}

function fade(share: number): number {
  return share * share * (3 - 2 * share);
}
