import type { Random } from '../../../../platform/lib/random.ts';
import { cosine, normalized, sine, tau, type Vector } from './maths.ts';

/** Linear red, green and blue. */
export type Colour = readonly [red: number, green: number, blue: number];

/** A colour as people write it (0–255, display values), made linear. */
export function colour(red: number, green: number, blue: number): Colour {
  return [(red / 255) ** 2, (green / 255) ** 2, (blue / 255) ** 2];
}

/** The light of one photo. */
export interface Light {
  /** Direction towards the sun or lamp. */
  readonly direction: Vector;
  readonly key: Colour;
  /** From the sky, and thrown back by the ground. */
  readonly sky: Colour;
  readonly bounce: Colour;
  /** How soft the shadow's edge is, in pixels. */
  readonly softness: number;
  /** 0 without leaves in between, 1 with strong dapples. */
  readonly dapple: number;
}

interface Preset {
  readonly key: Colour;
  readonly keyStrength: readonly [number, number];
  readonly sky: Colour;
  readonly skyStrength: readonly [number, number];
  /** Degrees above the horizon. */
  readonly height: readonly [number, number];
  readonly softness: number;
  readonly dapple: number;
}

const presets: Readonly<Record<string, Preset>> = {
  sun: {
    key: [1, 0.95, 0.85],
    keyStrength: [1.1, 1.5],
    sky: [0.8, 0.92, 1.1],
    skyStrength: [0.3, 0.5],
    height: [35, 65],
    softness: 1,
    dapple: 0,
  },
  cloud: {
    key: [1, 1, 1],
    keyStrength: [0.35, 0.6],
    sky: [0.95, 1, 1.05],
    skyStrength: [0.6, 0.9],
    height: [50, 75],
    softness: 6,
    dapple: 0,
  },
  trees: {
    key: [1, 0.97, 0.85],
    keyStrength: [0.8, 1.2],
    sky: [0.85, 1, 0.95],
    skyStrength: [0.35, 0.55],
    height: [40, 65],
    softness: 2,
    dapple: 0.42,
  },
  lamp: {
    key: [1, 0.9, 0.74],
    keyStrength: [0.8, 1.2],
    sky: [1, 0.95, 0.88],
    skyStrength: [0.3, 0.5],
    height: [45, 75],
    softness: 4,
    dapple: 0,
  },
  evening: {
    key: [1.15, 0.68, 0.38],
    keyStrength: [0.8, 1.2],
    sky: [0.62, 0.68, 1],
    skyStrength: [0.2, 0.34],
    height: [14, 28],
    softness: 2,
    dapple: 0,
  },
};

/** Draws the light of one photo. @param name sun, cloud, trees, lamp or evening. */
export function buildLight(name: string, random: Random): Light {
  const preset = presets[name];
  if (!preset) throw new RangeError(`There is no light "${name}".`);
  const height = (random.between(...preset.height) / 360) * tau;
  const around = random.between(-0.42, 0.42) * tau;
  const key = random.between(...preset.keyStrength);
  const sky = random.between(...preset.skyStrength);
  return {
    direction: normalized([
      sine(around) * cosine(height),
      sine(height),
      cosine(around) * cosine(height),
    ]),
    key: scaled(preset.key, key),
    sky: scaled(preset.sky, sky),
    bounce: scaled([1, 0.85, 0.65], (sky + key) * 0.12),
    softness: preset.softness,
    dapple: preset.dapple,
  };
}

function scaled([red, green, blue]: Colour, factor: number): Colour {
  return [red * factor, green * factor, blue * factor];
}
