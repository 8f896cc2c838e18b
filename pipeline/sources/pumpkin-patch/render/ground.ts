import type { Random } from '../../../../platform/lib/random.ts';
import { type Colour, colour } from './light.ts';
import { cover, type Material, type Paint, setColour, shade } from './material.ts';
import { clamp, cosine, mix, sine, smoothstep } from './maths.ts';
import { fractal2, noise2 } from './noise.ts';

/** What a thing lies on and what stands behind it. */
export interface Ground {
  /** Paints a ground point; `local` is [x, 0, z]. */
  readonly floor: Material;
  /** Paints what is above the ground's horizon; `local` is the view's direction. */
  readonly backdrop: Material;
  /** Distance at which the ground ends at a wall, or Infinity. */
  readonly wall: number;
}

export const groundNames = ['grass', 'soil', 'straw', 'table', 'crate', 'concrete'] as const;
export type GroundName = (typeof groundNames)[number];

/** Draws the surroundings of one photo. */
export function buildGround(name: GroundName, random: Random): Ground {
  const shift = random.between(0, 200);
  const tone = random.between(0.75, 1.25);
  const floor = floors[name](random, shift);
  const toned: Material = (local, detail, paint) => {
    floor(local, detail, paint);
    shade(paint, tone);
  };
  const indoors = name === 'crate' || name === 'table' || name === 'concrete';
  if (name === 'crate') return { floor: toned, backdrop: planks(random, shift, 5), wall: 1.25 };
  const wall = indoors ? random.between(2, 4) : Number.POSITIVE_INFINITY;
  return {
    floor: toned,
    backdrop: indoors ? plaster(random, shift) : landscape(random, shift),
    wall,
  };
}

type FloorBuilder = (random: Random, shift: number) => Material;

const floors: Readonly<Record<GroundName, FloorBuilder>> = {
  grass: (random, shift) => {
    const dry = random.between(0, 0.5);
    const [dark, light, yellow] = [colour(40, 66, 22), colour(112, 148, 52), colour(160, 150, 84)];
    return ([x, , z], _detail, paint) => {
      const blades = noise2(x * 22 + shift + 3 * noise2(z * 5, x * 5), z * 9);
      const patch = fractal2(x * 1.7 + shift, z * 1.7, 2);
      setColour(paint, dark);
      cover(paint, light, clamp(blades * 0.8 + patch * 0.5 - 0.2));
      cover(paint, yellow, dry * smoothstep(0.5, 0.9, noise2(x * 13, z * 6 + shift)));
      paint.gloss = 0;
    };
  },
  soil: (random, shift) => {
    const wet = random.between(0, 1);
    const dark: Colour = colour(mix(70, 44, wet), mix(52, 32, wet), mix(36, 22, wet));
    const light: Colour = colour(mix(156, 104, wet), mix(122, 78, wet), mix(88, 54, wet));
    return ([x, , z], _detail, paint) => {
      const clods = fractal2(x * 6 + shift, z * 6, 3);
      const stones = smoothstep(0.8, 0.88, noise2(x * 9 + shift, z * 9 + 40));
      setColour(paint, dark);
      cover(paint, light, clamp(clods * 1.5 - 0.25));
      cover(paint, colour(150, 144, 134), stones * 0.7);
      paint.gloss = 0;
    };
  },
  straw: (random, shift) => {
    const angles = [random.between(0, 3), random.between(0, 3), random.between(0, 3)];
    const turns = angles.map((angle) => [sine(angle), cosine(angle)] as const);
    const [dark, light] = [colour(96, 70, 30), colour(226, 194, 116)];
    return ([x, , z], _detail, paint) => {
      let top = 0;
      for (const [s, c] of turns) {
        const stalk = noise2((x * c - z * s) * 3 + shift, (x * s + z * c) * 26);
        top = Math.max(top, stalk);
      }
      setColour(paint, dark);
      cover(paint, light, smoothstep(0.35, 0.95, top));
      paint.gloss = 0.05;
    };
  },
  table: (random, shift) => planks(random, shift, 2.2),
  crate: (random, shift) => planks(random, shift, 4),
  concrete: (random, shift) => {
    const warm = random.between(0.9, 1.06);
    const base = colour(150 * warm, 148, 142 / warm);
    return ([x, , z], _detail, paint) => {
      setColour(paint, base);
      shade(paint, 0.7 + 0.6 * fractal2(x * 3 + shift, z * 3, 3));
      paint.gloss = 0;
    };
  },
};

function planks(random: Random, shift: number, perUnit: number): Material {
  const stains: readonly [Colour, ...Colour[]] = [
    colour(150, 108, 66),
    colour(190, 152, 104),
    colour(110, 78, 52),
    colour(170, 160, 146),
  ];
  const wood = random.pick(stains);
  return ([x, y, z], _detail, paint) => {
    const across = (z + y) * perUnit + shift;
    const plank = Math.floor(across);
    const gap = across - plank;
    const grain = noise2(x * 1.5 + plank * 7.3, across * 14);
    setColour(paint, wood);
    shade(paint, 0.62 + 0.35 * grain + 0.3 * noise2(plank * 5.7, 0.5));
    if (gap < 0.06) shade(paint, 0.25);
    paint.gloss = 0.15;
  };
}

function plaster(random: Random, shift: number): Material {
  const walls: readonly [Colour, ...Colour[]] = [
    colour(196, 190, 178),
    colour(120, 128, 134),
    colour(92, 70, 54),
    colour(164, 176, 150),
  ];
  const wall = random.pick(walls);
  return ([x, y], _detail, paint) => {
    setColour(paint, wall);
    shade(paint, 0.8 + 0.35 * fractal2(x * 2 + shift, y * 2, 2));
    paint.gloss = 0;
  };
}

/** Sky, a line of trees far away, and the field's haze. */
function landscape(random: Random, shift: number): Material {
  const grey = random.next();
  const high = colour(mix(92, 170, grey), mix(146, 178, grey), mix(214, 188, grey));
  const low = colour(mix(196, 212, grey), mix(216, 214, grey), mix(232, 216, grey));
  const trees = colour(48, 66, 40);
  const treeHeight = random.between(0.02, 0.22);
  return ([x, y], _detail, paint) => {
    setColour(paint, low);
    cover(paint, high, smoothstep(0, 0.7, y));
    cover(
      paint,
      colour(236, 236, 238),
      0.6 * smoothstep(0.5, 0.8, fractal2(x * 2 + shift, y * 5, 3)),
    );
    const crown = treeHeight * (0.5 + noise2(x * 9 + shift, 3) + 0.3 * noise2(x * 40, 9));
    if (y < crown) {
      setColour(paint, trees);
      shade(paint, 0.6 + 0.9 * noise2(x * 60, y * 60));
    }
    paint.gloss = 0;
  };
}

/** A fresh paint for a loop. */
export function createPaint(): Paint {
  return { red: 0, green: 0, blue: 0, gloss: 0 };
}
