import { foldSimilar, spellOut } from '../../../platform/lib/look-alikes.ts';
import { type Check, counted, observed } from '../check.ts';
import type { FolderSubject } from '../subjects.ts';

const foldedName = (path: string) => [foldSimilar(path), path] as const;

export const metadataOrphan: Check<FolderSubject> = {
  code: 'METADATA_ORPHAN',
  severity: 'error',
  finds: 'Rows of metadata.csv about photos that are not there.',
  hint: 'Remove the rows, or bring back the photos. The column "file" holds paths inside the folder, such as good/12.jpg.',
  observe: ({ examples, metadata }) => {
    const present = new Set(examples.map(({ id }) => id));
    const orphans = (metadata ?? []).filter((file) => !present.has(file));
    // A photo that has a row of its own is not what another row meant.
    const described = new Set(metadata);
    const undescribed = orphans.length === 0 ? [] : [...present].filter((id) => !described.has(id));
    const alike = new Map(undescribed.map(foldedName));
    return observed(
      orphans.map((file) => {
        const meant = alike.get(foldSimilar(file));
        return meant === undefined
          ? file
          : `${spellOut(file)}, but the photo is ${spellOut(meant)}`;
      }),
      `${counted(orphans.length, 'row of metadata.csv names', 'rows of metadata.csv name')} no photo.`,
    );
  },
};
