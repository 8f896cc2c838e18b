import { createRandom, type Random } from '../../../../platform/lib/random.ts';
import { buildCamera } from './camera.ts';
import { type CameraTraits, develop, type Picture } from './develop.ts';
import { buildOtherParts, type OtherThing } from './fruit.ts';
import { buildGround, type GroundName } from './ground.ts';
import { buildLight } from './light.ts';
import { type Rotation, rotation, tau, type Vector } from './maths.ts';
import { depthBelowGround, shiftMeshes } from './mesh.ts';
import { buildPumpkin, buildPumpkinParts, type Quality, type VarietyName } from './pumpkin.ts';
import { type Part, renderScene } from './scene.ts';

export type CameraName = 'phone' | 'compact' | 'shed';

/** What every photo needs. */
interface Setting {
  /** Seed of this photo only. */
  readonly seed: string;
  readonly light: string;
  readonly camera: CameraName;
  readonly ground: GroundName;
}

/** One photo of one pumpkin; photos with one `pumpkinSeed` show the same pumpkin. */
export interface PumpkinPhoto extends Setting {
  readonly quality: Quality;
  readonly variety: VarietyName;
  readonly pumpkinSeed: string;
}

/** A photo of something else. */
export interface OutlierPhoto extends Setting {
  readonly thing: OtherThing;
}

const cameras: Readonly<Record<CameraName, CameraTraits>> = {
  phone: { width: 288, height: 216, softness: 1, noise: 3, vignette: 0.1, warmth: 0 },
  compact: { width: 304, height: 228, softness: 2, noise: 5, vignette: 0.25, warmth: 0.06 },
  shed: { width: 272, height: 216, softness: 2, noise: 6, vignette: 0.35, warmth: -0.06 },
};

/** Takes a photo of a pumpkin: the same arguments, the same pixels. */
export function renderPumpkin(photo: PumpkinPhoto): Picture {
  const pumpkin = buildPumpkin(photo.quality, photo.variety, createRandom(photo.pumpkinSeed));
  const random = createRandom(photo.seed);
  return shoot(photo, buildPumpkinParts(pumpkin, lie(random, 0.45)), random);
}

/** Takes a photo of something that is not a pumpkin. */
export function renderOutlier(photo: OutlierPhoto): Picture {
  const random = createRandom(photo.seed);
  const around = photo.thing === 'watermelon-cut' ? 0.5 : tau / 2;
  return shoot(photo, buildOtherParts(photo.thing, random, lie(random, around)), random);
}

/** Mostly upright, sometimes leaning, towards the viewer as a rule. */
function lie(random: Random, around: number): Rotation {
  const yaw = random.between(-around, around);
  const leans = random.next() < 0.3;
  const tilt = leans ? random.between(-0.2, 0.5) : random.between(-0.06, 0.1);
  const roll = leans ? random.between(-0.55, 0.55) : random.between(-0.12, 0.12);
  return rotation(yaw, tilt, roll);
}

function shoot(setting: Setting, parts: readonly Part[], random: Random): Picture {
  const meshes = parts.map((part) => part.mesh);
  if (parts.length > 0) shiftMeshes(meshes, [0, depthBelowGround(meshes) - 0.03, 0]);
  const traits = cameras[setting.camera];
  const close = random.next() < 0.15 ? random.between(0.8, 0.95) : random.between(0.95, 1.25);
  const camera = buildCamera({
    width: traits.width,
    height: traits.height,
    target: aim(random),
    distance: 3.1 * close,
    elevation: random.between(0.12, 0.8),
    roll: random.between(-0.12, 0.12),
    zoom: 1.3,
  });
  const light = buildLight(setting.light, random);
  const ground = buildGround(setting.ground, random);
  return develop(renderScene({ camera, parts, light, ground }), traits, random);
}

/** Where the camera points: at the thing, or in one of seven pictures so that part of it is cut off. */
function aim(random: Random): Vector {
  const partly = random.next() < 0.15 ? 0.42 : 0.2;
  return [random.between(-partly, partly), 0.65 + 0.6 * random.between(-partly, partly), 0];
}
