import { type Check, counted, observed } from '../check.ts';
import type { FolderSubject } from '../subjects.ts';

export const metadataOrphan: Check<FolderSubject> = {
  code: 'METADATA_ORPHAN',
  severity: 'error',
  finds: 'Rows of metadata.csv about photos that are not there.',
  hint: 'Remove the rows, or bring back the photos. The column "file" holds paths inside the folder, such as good/12.jpg.',
  observe: ({ examples, metadata }) => {
    const present = new Set(examples.map(({ id }) => id));
    const orphans = (metadata ?? []).filter((file) => !present.has(file));
    return observed(
      orphans,
      `${counted(orphans.length, 'row of metadata.csv names', 'rows of metadata.csv name')} no photo.`,
    );
  },
};
