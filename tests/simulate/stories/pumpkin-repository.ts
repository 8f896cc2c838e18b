import { cpSync, existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import pumpkins from '../../../pipeline/projects/pumpkins/project.ts';
import { planHarvest } from '../../../pipeline/sources/pumpkin-patch/plan.ts';
import { renderPhoto } from '../../../pipeline/sources/pumpkin-patch/take.ts';
import { assignSplit } from '../../../platform/storage/index.ts';
import { makeTemplate, type Template } from './template-repository.ts';

const root = join(import.meta.dirname, '../../..');

/** The project of the story that is watched. */
export const pumpkinProject = 'pumpkins';

/** Half of a harvest, so that the first one weighs as much as the second, and small photos: both are trained within a minute. */
const pumpkinsPerClass = 60;
const smaller = { imageSize: 32, epochs: 40 };

let made: Promise<Template> | undefined;

/**
 * This repository with the pumpkins alone, smaller: a harvest is collected, trained and promoted, and what is collected next is the
 * harvest after it. Made once a process.
 */
export function pumpkinRepository(): Promise<Template> {
  made ??= makeTemplate({
    fill: (folder) => {
      const own = join('pipeline/projects', pumpkinProject);
      cpSync(join(root, own), join(folder, own), { recursive: true });
      edit(join(folder, own, 'params.json'), [
        [/"imageSize": \d+/, `"imageSize": ${smaller.imageSize}`],
        [/"epochs": \d+/, `"epochs": ${smaller.epochs}`],
      ]);
      // Less data makes a weaker model, and slices of a few photos.
      edit(join(folder, own, 'project.ts'), [
        [/metric: 'accuracy', atLeast: [\d.]+/, "metric: 'accuracy', atLeast: 0.75"],
        [/ *\{ slices: 'accuracy', atLeast: [\d.]+ \},\n/, ''],
        ['.collectPumpkinPatch(options)', ".collectPumpkinPatch({ harvest: '2027', ...options })"],
      ]);
      edit(join(folder, 'pipeline/sources/pumpkin-patch/plan.ts'), [
        [/(const usual: Harvest = \{\s+pumpkinsPerClass:) \d+/, `$1 ${pumpkinsPerClass}`],
      ]);
    },
    commands: [
      ['collect', pumpkinProject, '--harvest', '2026'],
      ['lock', pumpkinProject],
      ['experiment', pumpkinProject],
      ['promote', pumpkinProject],
    ],
  });
  return made;
}

function edit(path: string, changes: readonly (readonly [RegExp | string, string])[]): void {
  const text = changes.reduce(
    (before, [wanted, put]) => {
      const after = before.replace(wanted, put);
      if (after === before) throw new Error(`${path} has nothing like ${wanted}`);
      return after;
    },
    readFileSync(path, 'utf8'),
  );
  writeFileSync(path, text);
}

/** A photo that somebody sends, and what it shows. */
export interface SentPhoto {
  readonly bytes: Uint8Array;
  readonly label: string;
}

/**
 * The photos of a harvest that no model of the story is trained on, in a mixed order.
 *
 * @param folder where some of them may have been collected; the others are rendered
 */
export async function heldOutPhotos(harvest: string, folder: string): Promise<SentPhoto[]> {
  const planned = planHarvest(harvest).filter(({ row }) => {
    const number = Number(/\d+$/.exec(row.pumpkin)?.[0]);
    return number <= pumpkinsPerClass && assignSplit(row.pumpkin, pumpkins.split) !== 'train';
  });
  const photos: SentPhoto[] = [];
  // Files are sorted by class; a step that shares no divisor with their number visits each once.
  for (let at = 0; at < planned.length; at++) {
    const next = planned[(at * 89) % planned.length];
    if (!next) continue;
    const path = join(folder, 'data/pumpkins', next.row.file);
    const bytes = existsSync(path) ? readFileSync(path) : await renderPhoto(next.photo);
    photos.push({ bytes, label: labelOf(next.row.file) });
  }
  return photos;
}

function labelOf(file: string): string {
  return file.split('/')[1] ?? '';
}

const lights = ['sun', 'cloud', 'trees', 'lamp'];

/** Watermelons that nobody has seen. */
export async function watermelons(count: number): Promise<SentPhoto[]> {
  const photos: SentPhoto[] = [];
  for (let at = 0; at < count; at++) {
    const light = lights[at % lights.length] ?? 'sun';
    const photo = { thing: 'watermelon', seed: `flood/${at}`, light } as const;
    const place = { camera: 'phone', ground: 'grass' } as const;
    const outlier = { file: '', kind: 'outlier', photo: { ...photo, ...place } } as const;
    photos.push({ bytes: await renderPhoto(outlier), label: 'other' });
  }
  return photos;
}
