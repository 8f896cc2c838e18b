import type { Random } from '../../../../platform/lib/random.ts';
import { type Colour, colour } from './light.ts';
import { cover, type Material, setColour, shade } from './material.ts';
import {
  bell,
  clamp,
  cosine,
  dot,
  normalized,
  type Rotation,
  sine,
  smoothstep,
  tau,
  type Vector,
} from './maths.ts';
import { buildMesh, type SurfacePoint } from './mesh.ts';
import { fractal3, noise3 } from './noise.ts';
import type { Part } from './scene.ts';

/** Things that are not pumpkins, each with its share of the out-of-distribution pictures. */
export const otherThings = {
  watermelon: 45,
  'watermelon-cut': 30,
  tomato: 12,
  football: 12,
  melon: 13,
  apple: 12,
  mug: 12,
  'empty-field': 14,
} as const;
export type OtherThing = keyof typeof otherThings;

/** The parts of a thing, standing at the origin, about as large as a pumpkin. */
export function buildOtherParts(thing: OtherThing, random: Random, yaw: Rotation): Part[] {
  return builders[thing](random, yaw);
}

type Builder = (random: Random, turned: Rotation) => Part[];

const builders: Readonly<Record<OtherThing, Builder>> = {
  watermelon: (random, turned) => {
    const long = random.between(1, 1.5);
    const ball = { columns: 72, rows: 48, at: (u: number, v: number) => ballAt(u, v, long) };
    return [part(ball, turned, rind(random))];
  },
  'watermelon-cut': (random, turned) => {
    const half = { columns: 72, rows: 60, at: halfAt };
    return [part(half, turned, cutRind(random))];
  },
  tomato: (random, turned) => {
    const skin = random.pick([colour(206, 30, 20), colour(190, 44, 24), colour(214, 52, 26)]);
    const body = {
      columns: 72,
      rows: 40,
      at: (u: number, v: number) => dimpledAt(u, v, 0.8, 0.16),
    };
    return [part(body, turned, tomatoSkin(skin)), part(leafStar(random), turned, leaf)];
  },
  football: (random, turned) => {
    const ball = { columns: 64, rows: 40, at: (u: number, v: number) => ballAt(u, v, 1) };
    return [part(ball, turned, patches(random))];
  },
  melon: (random, turned) => {
    const long = random.between(1, 1.35);
    const ball = { columns: 72, rows: 48, at: (u: number, v: number) => ballAt(u, v, long) };
    return [part(ball, turned, random.next() < 0.5 ? netted(random) : canary(random))];
  },
  apple: (random, turned) => {
    const body = {
      columns: 64,
      rows: 48,
      at: (u: number, v: number) => dimpledAt(u, v, 0.95, 0.42),
    };
    const stalk = { columns: 10, rows: 8, at: stalkAt };
    return [part(body, turned, appleSkin(random)), part(stalk, turned, wood)];
  },
  mug: (random, turned) => {
    const glaze = random.pick([
      colour(40, 84, 150),
      colour(226, 222, 212),
      colour(150, 34, 40),
      colour(40, 120, 104),
    ]);
    const cup = { columns: 56, rows: 60, at: cupAt };
    const handle = { columns: 16, rows: 30, at: handleAt };
    return [part(cup, turned, glazed(glaze)), part(handle, turned, glazed(glaze))];
  },
  'empty-field': () => [],
};

function part(
  surface: { columns: number; rows: number; at: (u: number, v: number) => SurfacePoint },
  turned: Rotation,
  material: Material,
): Part {
  return { mesh: buildMesh(surface, { rotation: turned, scale: 1, offset: [0, 0, 0] }), material };
}

/** A ball, or with `long` > 1 an egg shape along x; local is the direction from its centre, pole along x. */
function ballAt(u: number, v: number, long: number): SurfacePoint {
  const around = u * tau;
  const up = (v - 0.5) * (tau / 2);
  const local: Vector = [sine(up), cosine(up) * sine(around), cosine(up) * cosine(around)];
  const width = 0.9 / Math.sqrt(long);
  return {
    x: local[0] * width * long,
    y: local[1] * width,
    z: local[2] * width,
    local,
    detail: around,
  };
}

/** Half a ball with its cut face towards the viewer; detail 1 on the face, whose local is in the plane. */
function halfAt(u: number, v: number): SurfacePoint {
  const around = u * tau;
  if (v > 0.5) {
    const radius = (1 - v) * 2;
    const local: Vector = [radius * sine(around), radius * cosine(around), 0];
    return { x: local[0], y: local[1], z: 0, local, detail: 1 };
  }
  const up = v * (tau / 2);
  const local: Vector = [sine(up) * sine(around), sine(up) * cosine(around), -cosine(up)];
  return { x: local[0], y: local[1], z: local[2], local, detail: 0 };
}

function dimpledAt(u: number, v: number, height: number, dimple: number): SurfacePoint {
  const around = u * tau;
  const up = (v - 0.5) * (tau / 2);
  const [flat, rise] = [cosine(up), sine(up)];
  const local: Vector = [flat * sine(around), rise, flat * cosine(around)];
  const lobes = 1 + 0.03 * cosine(5 * around) * flat;
  const dip = dimple * bell(flat / 0.4) * (rise > 0 ? 1 : 0.5) * rise;
  const wide = lobes * (1 + 0.1 * rise) * 0.85;
  return {
    x: local[0] * wide,
    y: (rise - dip) * height * 0.85,
    z: local[2] * wide,
    local,
    detail: 0,
  };
}

function stalkAt(u: number, v: number): SurfacePoint {
  const around = u * tau;
  const [width, lean] = [0.035 + 0.02 * v, 0.15 * v * v];
  return {
    x: width * sine(around) + lean,
    y: 0.44 + 0.5 * v,
    z: width * cosine(around),
    local: [sine(around), v, cosine(around)],
    detail: 0,
  };
}

/** Five pointed leaves around a tomato's stem. */
function leafStar(random: Random): {
  columns: number;
  rows: number;
  at: (u: number, v: number) => SurfacePoint;
} {
  const phase = random.between(0, tau);
  return {
    columns: 60,
    rows: 8,
    at: (u, v) => {
      const around = u * tau;
      const point = Math.abs(cosine(2.5 * around + phase));
      const reach = v * (0.12 + 0.5 * point * point * point);
      return {
        x: reach * sine(around),
        y: 0.66 - 0.45 * reach * reach + 0.06 * sine(3 * around) * v + (v < 0.1 ? 0.1 : 0),
        z: reach * cosine(around),
        local: [reach, around, 0],
        detail: 0,
      };
    },
  };
}

/** Outside up, rim, inside down. */
function cupAt(u: number, v: number): SurfacePoint {
  const around = u * tau;
  const inside = v > 0.55;
  const y = inside ? 1.5 * (1 - (v - 0.55) / 0.45) * 0.97 + 0.05 : (1.5 * v) / 0.55;
  const floor = v < 0.02 || v > 0.98 ? 0 : 1;
  const radius = (inside ? 0.56 : 0.64) * floor;
  return {
    x: radius * sine(around),
    y: y - 0.75,
    z: radius * cosine(around),
    local: [sine(around), y, cosine(around)],
    detail: inside ? 1 : 0,
  };
}

function handleAt(u: number, v: number): SurfacePoint {
  const around = u * tau;
  const bow = (v - 0.5) * (tau / 2);
  const reach = 0.4 + 0.09 * cosine(around);
  return {
    x: 0.6 + reach * cosine(bow),
    y: reach * 1.1 * sine(bow),
    z: 0.1 * sine(around),
    local: [0, v, 0],
    detail: 0,
  };
}

function rind(random: Random): Material {
  const dark = colour(22, 62, 26);
  const light = random.pick([colour(124, 166, 82), colour(150, 184, 104), colour(96, 146, 70)]);
  const stripes = 9 + random.int(4);
  const phase = random.between(0, 60);
  return (local, _detail, paint) => stripe(local, paint, { dark, light, stripes, phase });
}

interface Stripes {
  readonly dark: Colour;
  readonly light: Colour;
  readonly stripes: number;
  readonly phase: number;
}

/** Jagged dark stripes from pole to pole. */
function stripe(
  [x, y, z]: Vector,
  paint: Parameters<Material>[2],
  { dark, light, stripes, phase }: Stripes,
): void {
  const jag = fractal3(x * 5 + phase, y * 5, z * 5, 3) - 0.5;
  // The angle around x without an arc function: a polygon's perimeter runs as the angle does, near enough.
  const reach = Math.abs(y) + Math.abs(z) || 1;
  const quarter = z >= 0 ? 1 - y / reach : 3 + y / reach;
  const wave = cosine((quarter / 4) * tau * stripes + jag * 5);
  setColour(paint, light);
  cover(paint, dark, smoothstep(-0.25, 0.25, wave + jag * 0.6));
  shade(paint, 0.85 + 0.3 * noise3(x * 14, y * 14, z * 14));
  paint.gloss = 0.45;
}

function cutRind(random: Random): Material {
  const outer: Stripes = {
    dark: colour(24, 66, 28),
    light: colour(118, 160, 80),
    stripes: 10,
    phase: random.between(0, 60),
  };
  const flesh = random.pick([colour(222, 58, 62), colour(232, 80, 76), colour(206, 44, 56)]);
  const [pith, edge] = [colour(226, 232, 190), colour(60, 110, 48)];
  const turn = random.between(0, tau);
  return (local, detail, paint) => {
    if (detail < 0.5) return stripe([local[2], local[0], local[1]], paint, outer);
    const radius = Math.sqrt(local[0] ** 2 + local[1] ** 2);
    setColour(paint, flesh);
    shade(paint, 0.85 + 0.3 * fractal3(local[0] * 6, local[1] * 6, 3, 2));
    cover(paint, pith, smoothstep(0.8, 0.88, radius));
    cover(paint, edge, smoothstep(0.94, 0.97, radius));
    if (seedAt(local, turn)) setColour(paint, colour(26, 18, 14));
    paint.gloss = 0.2;
  };
}

/** Two rings of drop-shaped seeds. */
function seedAt([x, y]: Vector, turn: number): boolean {
  for (let index = 0; index < 26; index++) {
    const ring = index < 10 ? 0.36 : 0.6;
    const angle =
      (index * tau) / (index < 10 ? 10 : 16) + turn + 0.2 * noise3(index * 1.7, 3, turn);
    const [s, c] = [sine(angle), cosine(angle)];
    const along = (x * s + y * c - ring) / 0.07;
    const across = (x * c - y * s) / 0.035;
    if (along * along + across * across < 1) return true;
  }
  return false;
}

function tomatoSkin(skin: Colour): Material {
  return ([x, y, z], _detail, paint) => {
    setColour(paint, skin);
    shade(paint, 0.9 + 0.2 * noise3(x * 2, y * 2, z * 2));
    cover(paint, colour(190, 120, 40), 0.5 * smoothstep(0.8, 1, y));
    paint.gloss = 0.9;
  };
}

const leaf: Material = ([reach], _detail, paint) => {
  setColour(paint, colour(62, 106, 38));
  shade(paint, 0.7 + 0.9 * reach);
  paint.gloss = 0.1;
};

const wood: Material = (_local, _detail, paint) => {
  setColour(paint, colour(92, 66, 40));
  paint.gloss = 0;
};

function glazed(glaze: Colour): Material {
  const inside = colour(228, 224, 214);
  return (_local, detail, paint) => {
    setColour(paint, detail > 0.5 ? inside : glaze);
    if (detail > 0.5) shade(paint, 0.6);
    paint.gloss = 0.9;
  };
}

function appleSkin(random: Random): Material {
  const red = colour(170, 26, 30);
  const ground = random.pick([colour(196, 190, 70), colour(128, 170, 52)]);
  const blush = random.between(0, 1);
  return ([x, y, z], _detail, paint) => {
    const streaks = noise3(x * 12, y * 1.2, z * 12);
    setColour(paint, ground);
    cover(paint, red, clamp(blush * 1.5 + 0.5 * x + streaks * 0.6 - 0.5));
    cover(paint, colour(150, 120, 60), smoothstep(0.96, 1, y));
    paint.gloss = 0.8;
  };
}

function netted(random: Random): Material {
  const phase = random.between(0, 60);
  const [skin, net] = [colour(186, 158, 100), colour(226, 214, 176)];
  return ([x, y, z], _detail, paint) => {
    const cell = Math.abs(noise3(x * 9 + phase, y * 9, z * 9) - 0.5);
    const other = Math.abs(noise3(x * 7, y * 7 + phase, z * 7) - 0.5);
    setColour(paint, skin);
    cover(paint, net, smoothstep(0.09, 0.02, Math.min(cell, other)));
    paint.gloss = 0.05;
  };
}

function canary(random: Random): Material {
  const skin = random.pick([colour(240, 204, 40), colour(206, 216, 150), colour(230, 220, 170)]);
  return ([x, y, z], _detail, paint) => {
    setColour(paint, skin);
    shade(paint, 0.85 + 0.3 * fractal3(x * 3, y * 3, z * 3, 2));
    paint.gloss = 0.4;
  };
}

/** White leather with twelve dark pentagons, as the corners of an icosahedron lie. */
function patches(random: Random): Material {
  const corners = icosahedron();
  const dirt = random.between(0, 0.4);
  return (local, _detail, paint) => {
    const near = corners.map((corner) => dot(corner, local)).sort((a, b) => b - a);
    const [first = 0, second = 0] = near;
    setColour(paint, colour(232, 232, 228));
    if (first - second < 0.03 && first < 0.9) shade(paint, 0.45);
    if (first > 0.93) setColour(paint, colour(24, 24, 28));
    cover(paint, colour(120, 96, 66), dirt * fractal3(local[0] * 3, local[1] * 3, local[2] * 3, 2));
    paint.gloss = 0.35;
  };
}

function icosahedron(): Vector[] {
  const golden = (1 + Math.sqrt(5)) / 2;
  const corners: Vector[] = [];
  for (const a of [-1, 1]) {
    for (const b of [-golden, golden]) corners.push([0, a, b], [a, b, 0], [b, 0, a]);
  }
  return corners.map(normalized);
}
