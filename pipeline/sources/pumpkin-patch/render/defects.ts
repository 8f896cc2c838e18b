import type { Random } from '../../../../platform/lib/random.ts';
import { type Colour, colour } from './light.ts';
import { cover, type Paint } from './material.ts';
import {
  bump,
  clamp,
  cosine,
  cross,
  dot,
  normalized,
  sine,
  smoothstep,
  tau,
  type Vector,
} from './maths.ts';
import { fractal3, noise3 } from './noise.ts';

/** A flaw somewhere on the skin; lengths in units of the pumpkin's radius, `centre` a direction. */
export interface Defect {
  readonly kind: DefectKind;
  readonly centre: Vector;
  /** Along the skin, for what is longer than wide. */
  readonly axis: Vector;
  readonly radius: number;
  readonly length: number;
  /** How far the skin is pushed in (> 0) or out (< 0). */
  readonly depth: number;
  /** 0 faint … 1 plain. */
  readonly strength: number;
  /** Moves the noise, so that no two are alike. */
  readonly phase: number;
  readonly warts: readonly Wart[];
}

interface Wart {
  readonly centre: Vector;
  readonly radius: number;
}

export const blemishKinds = ['scar', 'warts', 'scratch', 'green', 'smallDent'] as const;
export const damageKinds = ['rot', 'mould', 'largeDent', 'hole', 'crack', 'softRot'] as const;
export type DefectKind = (typeof blemishKinds)[number] | (typeof damageKinds)[number];

interface DefectSize {
  readonly radius: readonly [number, number];
  readonly length: readonly [number, number];
  readonly depth: readonly [number, number];
}

const sizes: Readonly<Record<DefectKind, DefectSize>> = {
  scar: { radius: [0.12, 0.18], length: [0.5, 0.9], depth: [-0.03, 0] },
  warts: { radius: [0.36, 0.55], length: [0, 0], depth: [-0.08, -0.05] },
  scratch: { radius: [0.07, 0.1], length: [0.6, 0.9], depth: [0, 0] },
  green: { radius: [0.5, 0.75], length: [0, 0], depth: [0, 0] },
  smallDent: { radius: [0.24, 0.34], length: [0, 0], depth: [0.06, 0.1] },
  rot: { radius: [0.55, 0.85], length: [0, 0], depth: [0.05, 0.14] },
  mould: { radius: [0.52, 0.8], length: [0, 0], depth: [0.02, 0.06] },
  largeDent: { radius: [0.7, 0.95], length: [0, 0], depth: [0.3, 0.45] },
  hole: { radius: [0.34, 0.5], length: [0, 0], depth: [0.3, 0.45] },
  crack: { radius: [0.13, 0.19], length: [0.7, 1.1], depth: [0.12, 0.2] },
  softRot: { radius: [0.6, 0.9], length: [0, 0], depth: [0.08, 0.2] },
};

/** Draws a flaw of a kind near a direction. */
export function buildDefect(
  kind: DefectKind,
  towards: Vector,
  spread: number,
  random: Random,
): Defect {
  const size = sizes[kind];
  const centre = normalized([
    towards[0] + random.between(-spread, spread),
    towards[1] + random.between(-spread, spread),
    towards[2] + random.between(-spread, spread),
  ]);
  const turn = random.between(0, tau);
  const side = normalized(cross(centre, Math.abs(centre[1]) > 0.8 ? [1, 0, 0] : [0, 1, 0]));
  const other = cross(centre, side);
  const [s, c] = [sine(turn), cosine(turn)];
  const axis: Vector = [
    side[0] * c + other[0] * s,
    side[1] * c + other[1] * s,
    side[2] * c + other[2] * s,
  ];
  const radius = random.between(...size.radius);
  const phase = random.between(0, 100);
  return {
    kind,
    centre,
    axis,
    radius,
    phase,
    length: random.between(...size.length),
    depth: random.between(...size.depth),
    strength: random.between(0.8, 1),
    warts: kind === 'warts' ? buildWarts(centre, axis, radius, phase) : [],
  };
}

/** How far a defect pushes the skin at a direction inwards. */
export function dentAt(defect: Defect, point: Vector): number {
  const { kind, depth, radius } = defect;
  if (depth === 0 || dot(point, defect.centre) < 0) return 0;
  if (kind === 'warts') return depth * wartAt(defect, point);
  if (kind === 'scar' || kind === 'crack') return depth * streakAt(defect, point);
  const reach = kind === 'hole' ? radius * 1.05 : radius * 1.2;
  const share = distance(defect.centre, point) / reach;
  if (kind === 'hole') return depth * smoothstep(1, 0.7, share);
  return depth * bump(share);
}

/** Paints a defect over the skin. */
export function paintDefect(defect: Defect, point: Vector, paint: Paint): void {
  if (dot(point, defect.centre) < 0.1) return;
  painters[defect.kind](defect, point, paint);
}

type Painter = (defect: Defect, point: Vector, paint: Paint) => void;

const cork = colour(196, 164, 118);
const corkDark = colour(140, 106, 70);
const unripe = colour(92, 122, 44);
const wartTip = colour(206, 172, 112);
const rotDark = colour(34, 24, 18);
const rotBrown = colour(92, 56, 26);
const rotWet = colour(140, 84, 34);
const mouldWhite = colour(216, 216, 206);
const mouldGrey = colour(120, 128, 112);
const mouldGreen = colour(74, 92, 78);
const cavity = colour(30, 16, 8);
const flesh = colour(232, 176, 84);
const bruise = colour(126, 78, 36);

const painters: Readonly<Record<DefectKind, Painter>> = {
  scar: (defect, point, paint) => {
    const share = smoothstep(0.15, 0.55, streakAt(defect, point)) * defect.strength;
    cover(paint, speckled(cork, corkDark, point, 16), share);
    paint.gloss *= 1 - share;
  },
  scratch: (defect, point, paint) => {
    cover(paint, cork, smoothstep(0.2, 0.6, streakAt(defect, point)) * defect.strength);
  },
  warts: (defect, point, paint) => {
    const share = wartAt(defect, point);
    if (share > 0.02) {
      cover(paint, corkDark, 0.6 * smoothstep(0, 0.25, share) * defect.strength);
      cover(paint, wartTip, smoothstep(0.3, 0.7, share) * defect.strength);
    }
  },
  green: (defect, point, paint) => {
    cover(paint, unripe, 0.85 * patchAt(defect, point, 0.35) * defect.strength);
  },
  smallDent: (defect, point, paint) => {
    const share = patchAt(defect, point, 0.5, 0.8);
    cover(paint, bruise, 0.25 * share);
  },
  rot: (defect, point, paint) => {
    const rim = patchAt(defect, point, 0.5, 1.2);
    cover(paint, rotWet, 0.85 * rim);
    const share = patchAt(defect, point, 0.75);
    cover(paint, speckled(rotBrown, rotDark, point, 7), share);
    paint.gloss = paint.gloss * (1 - rim) + 0.25 * rim * (1 - share);
  },
  softRot: (defect, point, paint) => {
    const share = patchAt(defect, point, 0.45);
    cover(paint, speckled(rotWet, rotBrown, point, 5), 0.9 * share);
    cover(
      paint,
      rotDark,
      0.8 *
        share *
        smoothstep(0.58, 0.72, noise3(point[0] * 9 + defect.phase, point[1] * 9, point[2] * 9)),
    );
    paint.gloss = paint.gloss * (1 - share) + 0.5 * share;
  },
  mould: (defect, point, paint) => {
    const under = patchAt(defect, point, 0.6, 1.15);
    cover(paint, rotBrown, 0.8 * under);
    const share = patchAt(defect, point, 0.8);
    const spots = fractal3(point[0] * 8 + defect.phase, point[1] * 8, point[2] * 8, 3);
    const fuzz = spots > 0.55 ? mouldWhite : spots > 0.42 ? mouldGrey : mouldGreen;
    cover(paint, fuzz, share * (0.75 + 0.25 * spots));
    paint.gloss *= 1 - under;
  },
  largeDent: (defect, point, paint) => {
    const share = patchAt(defect, point, 0.6, 0.85);
    cover(paint, bruise, 0.8 * share);
    const heart = patchAt(defect, point, 0.7, 0.75);
    cover(paint, speckled(rotBrown, rotDark, point, 7), 0.95 * heart);
  },
  hole: (defect, point, paint) => {
    const near =
      distance(defect.centre, point) / defect.radius + 0.3 * (wobble(defect, point, 6) - 0.5);
    cover(paint, flesh, smoothstep(1.2, 1.05, near));
    cover(paint, cavity, smoothstep(0.92, 0.75, near));
    paint.gloss *= smoothstep(1, 1.3, near);
  },
  crack: (defect, point, paint) => {
    const share = streakAt(defect, point);
    cover(paint, flesh, smoothstep(0.05, 0.25, share));
    cover(paint, cavity, smoothstep(0.35, 0.6, share));
    paint.gloss *= 1 - clamp(share * 3);
  },
};

function distance(centre: Vector, [x, y, z]: Vector): number {
  return Math.sqrt((x - centre[0]) ** 2 + (y - centre[1]) ** 2 + (z - centre[2]) ** 2);
}

function wobble({ phase }: Defect, [x, y, z]: Vector, scale: number): number {
  return fractal3(x * scale + phase, y * scale + phase, z * scale, 2);
}

/** 1 inside an irregular patch, 0 outside. @param ragged 0 round … 1 torn. @param size factor of the radius. */
function patchAt(defect: Defect, point: Vector, ragged: number, size = 1): number {
  const plain = distance(defect.centre, point) / (defect.radius * size);
  if (plain > 1.6) return 0;
  const near = plain + ragged * 1.6 * (wobble(defect, point, 4.5) - 0.5);
  return smoothstep(1, 0.75, near);
}

/** 1 in the middle of a wriggling line, 0 beside it and beyond its ends. */
function streakAt({ centre, axis, radius, length, phase }: Defect, point: Vector): number {
  const away: Vector = [point[0] - centre[0], point[1] - centre[1], point[2] - centre[2]];
  const along = dot(away, axis);
  if (Math.abs(along) > length) return 0;
  const wriggle = 0.3 * (noise3(along * 4 + phase, phase, 0) - 0.5);
  const across = dot(away, cross(centre, axis)) + wriggle;
  const width = radius * (0.6 + 0.8 * noise3(along * 6 + phase, 5, phase));
  return bump(Math.abs(across) / width) * smoothstep(1, 0.75, Math.abs(along) / length);
}

/** Height of the nearest wart, 0 between them. */
function wartAt({ centre, radius, warts }: Defect, point: Vector): number {
  if (distance(centre, point) > radius * 1.3) return 0;
  let highest = 0;
  for (const wart of warts) {
    highest = Math.max(highest, bump(distance(wart.centre, point) / wart.radius));
  }
  return highest;
}

/** Warts in a spiral, so that they neither overlap nor stand in rows. */
function buildWarts(centre: Vector, axis: Vector, radius: number, phase: number): Wart[] {
  const side = cross(centre, axis);
  return Array.from({ length: 9 }, (_, index) => {
    const away = radius * Math.sqrt((index + 0.4) / 9);
    const angle = index * 2.4 + phase;
    const [a, b] = [away * cosine(angle), away * sine(angle)];
    const place = normalized([
      centre[0] + a * axis[0] + b * side[0],
      centre[1] + a * axis[1] + b * side[1],
      centre[2] + a * axis[2] + b * side[2],
    ]);
    return { centre: place, radius: 0.09 + 0.05 * noise3(index * 3.7 + phase, 1, 2) };
  });
}

function speckled(light: Colour, dark: Colour, [x, y, z]: Vector, scale: number): Colour {
  const share = fractal3(x * scale, y * scale, z * scale + 50, 2);
  return [
    light[0] + (dark[0] - light[0]) * share,
    light[1] + (dark[1] - light[1]) * share,
    light[2] + (dark[2] - light[2]) * share,
  ];
}
