import { coco } from './coco.ts';
import { csv } from './csv.ts';
import { cvat } from './cvat.ts';
import type { LabelFormat } from './label-format.ts';
import { labelStudio } from './label-studio.ts';

/** Every format of labels that `init` reads, told apart by content. */
export const labelFormats: readonly LabelFormat[] = [csv, coco, labelStudio, cvat];

/** How the names of files that may hold labels end. */
export const labelExtensions: ReadonlySet<string> = new Set(
  labelFormats.map(({ extension }) => extension),
);
