import { type Check, counted, observed } from '../check.ts';
import type { FolderSubject } from '../subjects.ts';

/** Photos that metadata.csv does not know: they are in no slice, and in a group of their own. */
export const metadataMissing: Check<FolderSubject> = {
  code: 'METADATA_MISSING',
  severity: 'warning',
  hint: 'Add a row for each photo, so that slices and split groups know it.',
  observe: ({ examples, metadata }) => {
    if (metadata === null) return [];
    const described = new Set(metadata);
    const places = examples.map(({ id }) => id).filter((id) => !described.has(id));
    return observed(
      places,
      `${counted(places.length, 'photo has', 'photos have')} no row in metadata.csv.`,
    );
  },
};
