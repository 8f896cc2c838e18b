import { createRandom, type Random } from '../../../platform/lib/random.ts';
import {
  type CameraName,
  type GroundName,
  groundNames,
  type OtherThing,
  type OutlierPhoto,
  otherThings,
  type PumpkinPhoto,
  type Quality,
  type VarietyName,
} from './render/index.ts';

/** The harvest that `collect` renders when none is named. */
export const firstHarvest = '2026';

/** All randomness depends on this seed; another one grows other pumpkins. */
const seed = 'jen/1';

/** A photo to be rendered. Paths are relative to the dataset's folder. */
export type PlannedPhoto =
  | { readonly file: string; readonly kind: 'pumpkin'; readonly photo: PumpkinPhoto }
  | { readonly file: string; readonly kind: 'outlier'; readonly photo: OutlierPhoto };

/** A row of metadata.csv. */
export interface PhotoRow {
  readonly file: string;
  readonly pumpkin: string;
  readonly harvest: string;
  readonly field: string;
  readonly camera: string;
  readonly light: string;
  readonly variety: string;
}

/** What grows and who photographs in one harvest. Repeated names are drawn more often. */
interface Harvest {
  readonly pumpkinsPerClass: number;
  readonly varieties: readonly [VarietyName, ...VarietyName[]];
  readonly lights: readonly [string, ...string[]];
  readonly cameras: readonly [CameraName, ...CameraName[]];
}

const usual: Harvest = {
  pumpkinsPerClass: 124,
  varieties: ['howden', 'howden', 'sugar', 'cinderella', 'connecticut'],
  lights: ['sun', 'sun', 'cloud', 'cloud', 'trees', 'lamp'],
  cameras: ['phone', 'phone', 'compact', 'shed'],
};

/** From the second harvest on, Jen grows a grey variety too and photographs after work. */
const later: Harvest = {
  pumpkinsPerClass: 60,
  varieties: ['jarrahdale', 'jarrahdale', 'howden', 'cinderella'],
  lights: ['evening', 'evening', 'evening', 'cloud'],
  cameras: ['phone', 'phone', 'shed'],
};

/** The grounds of each field. Repeated names are drawn more often. */
const fields = {
  north: ['soil', 'soil', 'grass', 'crate'],
  creek: ['grass', 'grass', 'soil', 'table'],
  hill: ['straw', 'straw', 'soil', 'concrete'],
} as const satisfies Record<string, readonly [GroundName, ...GroundName[]]>;
const fieldNames = ['north', 'creek', 'hill'] as const;

const qualities: readonly Quality[] = ['good', 'ok', 'bad'];

/** Every photo of a harvest with its metadata, in the order of their files. */
export function planHarvest(harvest: string): { photo: PlannedPhoto; row: PhotoRow }[] {
  const traits = harvest === firstHarvest ? usual : later;
  const planned = qualities.flatMap((quality) =>
    Array.from({ length: traits.pumpkinsPerClass }, (_, index) =>
      planPumpkin(harvest, traits, quality, index),
    ).flat(),
  );
  return planned.sort((a, b) => (a.row.file < b.row.file ? -1 : 1));
}

/** Every picture of the out-of-distribution set. */
export function planOutliers(): PlannedPhoto[] {
  return (Object.keys(otherThings) as OtherThing[]).flatMap((thing) =>
    Array.from({ length: otherThings[thing] }, (_, index): PlannedPhoto => {
      const file = `${thing}/${thing}-${String(index + 1).padStart(2, '0')}.jpg`;
      const random = createRandom(`${seed}/others/${file}`);
      const light = random.pick(usual.lights);
      const ground = random.pick(groundNames);
      const camera = random.pick(usual.cameras);
      return {
        file,
        kind: 'outlier',
        photo: { thing, seed: `${seed}/others/${file}/shot`, light, camera, ground },
      };
    }),
  );
}

/** Two or three photos of one pumpkin, all on its field. */
function planPumpkin(harvest: string, traits: Harvest, quality: Quality, index: number) {
  const pumpkin = `${quality.slice(0, 1)}${String(index + 1).padStart(3, '0')}`;
  const pumpkinSeed = `${seed}/${harvest}/${pumpkin}`;
  const random = createRandom(`${pumpkinSeed}/plan`);
  const variety = random.pick(traits.varieties);
  const field = random.pick(fieldNames);
  return Array.from({ length: 2 + (index % 2) }, (_, view) => {
    const file = `${harvest}/${quality}/${pumpkin}-${view + 1}.jpg`;
    const setting = planSetting(traits, field, random);
    return {
      photo: {
        file,
        kind: 'pumpkin',
        photo: { quality, variety, pumpkinSeed, seed: `${pumpkinSeed}/${view}`, ...setting },
      } satisfies PlannedPhoto,
      row: {
        file,
        pumpkin: `${harvest}-${pumpkin}`,
        harvest,
        field,
        camera: setting.camera,
        light: setting.light,
        variety,
      },
    };
  });
}

function planSetting(traits: Harvest, field: (typeof fieldNames)[number], random: Random) {
  return {
    light: random.pick(traits.lights),
    camera: random.pick(traits.cameras),
    ground: random.pick<GroundName>(fields[field]),
  };
}
