import { type Check, counted, observed } from '../check.ts';
import type { FolderSubject } from '../subjects.ts';

export const metadataMissing: Check<FolderSubject> = {
  code: 'METADATA_MISSING',
  severity: 'warning',
  finds:
    'Photos without a row in metadata.csv: they are in no slice, and each is a group of its own.',
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
