import type { Random } from '../../../../platform/lib/random.ts';
import type { Exposure } from './scene.ts';

/** What a kind of camera does to the light. */
export interface CameraTraits {
  readonly width: number;
  readonly height: number;
  /** Passes of a 3 × 3 blur: the lens, and what smooths edges. */
  readonly softness: number;
  /** Noise of the sensor, in display steps of 255. */
  readonly noise: number;
  /** How much darker the corners are. */
  readonly vignette: number;
  /** Warm (> 0) or cold (< 0) white balance. */
  readonly warmth: number;
}

/** A developed picture: display values, red, green and blue one after another. */
export interface Picture {
  readonly width: number;
  readonly height: number;
  readonly pixels: Uint8Array;
}

/** Turns light into a picture: lens, white balance, exposure, film curve, noise. */
export function develop(exposure: Exposure, traits: CameraTraits, random: Random): Picture {
  const { width, height } = traits;
  for (let pass = 0; pass < traits.softness; pass++) soften(exposure, width, height);
  const gain = random.between(0.8, 1.25);
  const warm = 1 + traits.warmth + random.between(-0.05, 0.05);
  const gains = Float64Array.of(gain * warm, gain, gain / warm);
  const noise = createNoise(random, traits.noise * random.between(0.7, 1.4));
  const pixels = new Uint8ClampedArray(width * height * 3);
  for (let row = 0, at = 0; row < height; row++) {
    const below = (2 * row) / height - 1;
    for (let column = 0; column < width; column++) {
      const beside = (2 * column) / width - 1;
      const falloff = 1 - traits.vignette * 0.5 * (beside * beside + below * below);
      const grain = noise();
      for (let channel = 0; channel < 3; channel++, at++) {
        const light = (exposure[at] ?? 0) * (gains[channel] ?? 0) * falloff;
        pixels[at] = curve(light) * 255 + grain + 0.5 * noise();
      }
    }
  }
  return { width, height, pixels: new Uint8Array(pixels.buffer) };
}

/** Display value of linear light: square root, with a soft shoulder above 0.7. */
function curve(light: number): number {
  const value = Math.sqrt(light);
  if (value < 0.7) return value;
  const over = value - 0.7;
  return 0.7 + ((0.3 * over) / (over + 0.3)) * 1.25;
}

/** Triangular noise from a 32-bit congruential generator: quick, and good enough for grain. */
function createNoise(random: Random, strength: number): () => number {
  let state = random.int(2 ** 31);
  return () => {
    state = (Math.imul(state, 1664525) + 1013904223) | 0;
    const high = (state >>> 24) + ((state >>> 16) & 255) - 255;
    return (high / 104) * strength;
  };
}

/** One 3 × 3 binomial blur, in place. */
function soften(exposure: Exposure, width: number, height: number): void {
  const stride = width * 3;
  for (let row = 0; row < height; row++) softenLine(exposure, row * stride, 3, width);
  for (let column = 0; column < width; column++) softenLine(exposure, column * 3, stride, height);
}

function softenLine(exposure: Exposure, start: number, step: number, length: number): void {
  for (let channel = 0; channel < 3; channel++) {
    let before = exposure[start + channel] ?? 0;
    for (let at = 0; at < length; at++) {
      const place = start + channel + at * step;
      const here = exposure[place] ?? 0;
      const after = at + 1 < length ? (exposure[place + step] ?? 0) : here;
      exposure[place] = 0.25 * before + 0.5 * here + 0.25 * after;
      before = here;
    }
  }
}
