import type { Random } from '../../../../platform/lib/random.ts';
import {
  blemishKinds,
  buildDefect,
  type Defect,
  damageKinds,
  dentAt,
  paintDefect,
} from './defects.ts';
import { type Colour, colour } from './light.ts';
import { cover, type Material, setColour, shade } from './material.ts';
import {
  bell,
  clamp,
  cosine,
  mix,
  normalized,
  type Rotation,
  sine,
  smoothstep,
  tau,
  type Vector,
} from './maths.ts';
import { buildMesh, type Placement, type SurfacePoint } from './mesh.ts';
import { fractal3, noise3 } from './noise.ts';
import type { Part } from './scene.ts';

export type Quality = 'good' | 'ok' | 'bad';

/** How the pumpkins of a variety look. */
interface Variety {
  /** Height over width. */
  readonly height: readonly [number, number];
  readonly ribs: readonly [number, number];
  readonly groove: readonly [number, number];
  readonly skins: readonly [Colour, ...Colour[]];
}

export const varieties = {
  howden: {
    height: [0.78, 0.98],
    ribs: [12, 18],
    groove: [0.07, 0.12],
    skins: [colour(228, 118, 26), colour(214, 98, 22), colour(236, 136, 36)],
  },
  sugar: {
    height: [0.82, 0.96],
    ribs: [9, 13],
    groove: [0.03, 0.06],
    skins: [colour(232, 126, 30), colour(218, 110, 38), colour(240, 150, 52)],
  },
  cinderella: {
    height: [0.5, 0.64],
    ribs: [10, 15],
    groove: [0.12, 0.19],
    skins: [colour(206, 76, 28), colour(220, 94, 40), colour(190, 84, 44)],
  },
  connecticut: {
    height: [0.98, 1.16],
    ribs: [13, 19],
    groove: [0.05, 0.09],
    skins: [colour(230, 132, 44), colour(216, 120, 34), colour(226, 148, 60)],
  },
  jarrahdale: {
    height: [0.54, 0.7],
    ribs: [11, 16],
    groove: [0.12, 0.19],
    skins: [colour(150, 166, 154), colour(134, 154, 150), colour(168, 176, 158)],
  },
} as const satisfies Record<string, Variety>;
export type VarietyName = keyof typeof varieties;

/** One pumpkin, whatever the photo. */
export interface Pumpkin {
  readonly quality: Quality;
  readonly height: number;
  readonly ribs: number;
  readonly groove: number;
  readonly skin: Colour;
  readonly dimple: number;
  readonly pear: number;
  readonly phase: number;
  /** How far it has sunk into itself. */
  readonly collapse: number;
  readonly defects: readonly Defect[];
  readonly stem: Stem;
}

interface Stem {
  readonly length: number;
  readonly width: number;
  readonly bend: number;
  readonly turn: number;
  readonly colour: Colour;
}

/** Draws a pumpkin. Its flaws lie on the side that faces the viewer at yaw 0. */
export function buildPumpkin(quality: Quality, variety: VarietyName, random: Random): Pumpkin {
  const traits: Variety = varieties[variety];
  const collapsed = quality === 'bad' && random.next() < 0.22;
  return {
    quality,
    height: random.between(...traits.height),
    ribs: Math.floor(random.between(...traits.ribs)),
    groove: random.between(...traits.groove),
    skin: random.pick<Colour>(traits.skins),
    dimple: random.between(0.1, 0.24),
    pear: random.between(-0.12, 0.12),
    phase: random.between(0, 100),
    collapse: collapsed ? random.between(0.35, 0.55) : 0,
    defects: buildDefects(quality, collapsed, random),
    stem: buildStem(random),
  };
}

/** The parts of a pumpkin, standing at the origin. @param turned how it lies. */
export function buildPumpkinParts(pumpkin: Pumpkin, turned: Rotation): Part[] {
  const placement: Placement = { rotation: turned, scale: 1, offset: [0, 0, 0] };
  const body = { columns: 104, rows: 56, at: (u: number, v: number) => skinAt(pumpkin, u, v) };
  const stalk = { columns: 20, rows: 14, at: (u: number, v: number) => stemAt(pumpkin, u, v) };
  return [
    { mesh: buildMesh(body, placement), material: skinMaterial(pumpkin) },
    { mesh: buildMesh(stalk, placement), material: stemMaterial(pumpkin.stem) },
  ];
}

function buildDefects(quality: Quality, collapsed: boolean, random: Random): Defect[] {
  if (quality === 'good') return [];
  const kinds = random.shuffle(quality === 'ok' ? blemishKinds : damageKinds);
  const count = quality === 'ok' ? 3 + random.int(2) : 1 + random.int(collapsed ? 2 : 3);
  const defects = kinds.slice(0, count).map((kind) => {
    const side: Vector = [random.between(-0.4, 0.4), random.between(-0.05, 0.5), 1];
    return buildDefect(kind, normalized(side), 0.25, random);
  });
  if (quality === 'bad' && random.next() < 0.4) {
    const kind = random.pick(blemishKinds);
    defects.unshift(buildDefect(kind, [0, 0.1, 1], 0.6, random));
  }
  return defects;
}

function buildStem(random: Random): Stem {
  const colours: readonly [Colour, ...Colour[]] = [
    colour(96, 104, 48),
    colour(124, 112, 66),
    colour(70, 88, 42),
    colour(132, 110, 78),
  ];
  return {
    length: random.between(0.22, 0.55),
    width: random.between(0.08, 0.14),
    bend: random.between(0, 0.35),
    turn: random.between(0, tau),
    colour: random.pick<Colour>(colours),
  };
}

function grooveAt({ ribs, phase }: Pumpkin, around: number): number {
  const wobble = 0.06 * sine(around + phase) + 0.04 * sine(3 * around + 2 * phase);
  const ridge = Math.abs(sine((ribs * (around + wobble)) / 2));
  return (1 - ridge) * (1 - ridge);
}

function skinAt(pumpkin: Pumpkin, u: number, v: number): SurfacePoint {
  const around = u * tau;
  const up = (v * 0.996 + 0.002 - 0.5) * (tau / 2);
  const [flat, rise] = [cosine(up), sine(up)];
  const local: Vector = [flat * sine(around), rise, flat * cosine(around)];
  const groove = grooveAt(pumpkin, around);
  const lumps =
    0.1 * (noise3(local[0] * 1.6 + pumpkin.phase, local[1] * 1.6, local[2] * 1.6) - 0.5);
  let radius = 1 - pumpkin.groove * groove + lumps;
  for (const defect of pumpkin.defects) radius -= dentAt(defect, local);
  const wide = radius * (1 + pumpkin.pear * rise);
  const dimple = pumpkin.dimple * (rise > 0 ? 1 : 0.7) * bell(flat / 0.34);
  const y = pumpkin.height * (radius * rise - Math.sign(rise) * dimple * Math.abs(rise));
  const point = { x: local[0] * wide, y, z: local[2] * wide, local, detail: groove };
  return pumpkin.collapse > 0 ? sunk(pumpkin, point) : point;
}

/** A pumpkin that rot has emptied: the top falls in to one side, the belly spreads, the skin folds. */
function sunk({ collapse, height, phase }: Pumpkin, point: SurfacePoint): SurfacePoint {
  const share = clamp(point.y / height + 1, 0, 2) / 2;
  const side = 0.6 * (point.x * sine(phase) + point.z * cosine(phase));
  const folds = 0.09 * (noise3(point.x * 3 + phase, point.y * 9, point.z * 3) - 0.5);
  const spread = 1 + collapse * 0.45 * (1 - share) * share * 2 + folds;
  const fall = collapse * (0.9 + 0.5 * side) * share * height;
  const pit =
    collapse * 0.5 * bell((point.x * point.x + point.z * point.z) / 0.4) * (share > 0.5 ? 1 : 0);
  return { ...point, x: point.x * spread, z: point.z * spread, y: point.y - fall - pit + folds };
}

function skinMaterial(pumpkin: Pumpkin): Material {
  const { skin, phase, defects, collapse } = pumpkin;
  const pale: Colour = [mix(skin[0], 0.9, 0.25), mix(skin[1], 0.62, 0.2), skin[2] * 1.2 + 0.02];
  const deep: Colour = [skin[0] * 0.62, skin[1] * 0.42, skin[2] * 0.5];
  const brown = colour(112, 66, 30);
  return (local, groove, paint) => {
    const [x, y, z] = local;
    const tone = fractal3(x * 3 + phase, y * 3, z * 3, 3);
    setColour(paint, skin);
    cover(paint, pale, clamp(tone * 1.4 - 0.4));
    cover(paint, deep, 0.75 * groove);
    shade(paint, 0.92 + 0.16 * noise3(x * 26, y * 12, z * 26));
    cover(paint, deep, 0.7 * smoothstep(0.93, 1, y));
    paint.gloss = 0.32;
    if (collapse > 0) {
      const sick = smoothstep(0.3, 0.7, fractal3(x * 2 + phase, y * 2 + 9, z * 2, 3));
      cover(paint, brown, 0.35 + 0.5 * sick);
      paint.gloss = 0.12;
    }
    for (const defect of defects) paintDefect(defect, local, paint);
  };
}

function stemAt(pumpkin: Pumpkin, u: number, v: number): SurfacePoint {
  const { stem, height, dimple } = pumpkin;
  const around = u * tau;
  const along = Math.min(v / 0.85, 1);
  const closing = v > 0.85 ? 1 - (v - 0.85) / 0.15 : 1;
  const flare = 1 + 1.5 * (1 - along) ** 4 + 0.25 * along * along;
  const ridges = 1 + 0.16 * sine(5 * around) * (1 - 0.4 * along);
  const width = stem.width * flare * ridges * closing;
  const lean = stem.bend * along * along;
  const foot = height * (0.998 - dimple) - 0.05;
  const base =
    pumpkin.collapse > 0 ? sunk(pumpkin, { ...origin, y: foot }) : { ...origin, y: foot };
  return {
    x: base.x + width * sine(around) + lean * sine(stem.turn),
    y: base.y + stem.length * along * (1 - 0.25 * lean),
    z: base.z + width * cosine(around) + lean * cosine(stem.turn),
    local: [sine(around), along, cosine(around)],
    detail: closing < 1 ? 1 : 0,
  };
}

const origin: SurfacePoint = { x: 0, y: 0, z: 0, local: [0, 0, 0], detail: 0 };

function stemMaterial({ colour: base }: Stem): Material {
  const cut = colour(176, 160, 110);
  return ([x, y, z], detail, paint) => {
    setColour(paint, base);
    shade(paint, 0.55 + 0.8 * noise3(x * 3.5, y * 2, z * 3.5));
    cover(paint, cut, 0.8 * detail);
    paint.gloss = 0.08;
  };
}
