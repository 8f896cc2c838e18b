import { isMainstemError } from '../../platform/lib/errors.ts';
import { ownValue } from '../../platform/lib/own-value.ts';
import type { DataReview, LockedDataset, ModelRecord } from '../../platform/schemas/index.ts';
import { readExamples } from '../../platform/storage/index.ts';
import type { ProjectContext } from '../context.ts';
import { readPhotoFacts } from '../photo-facts.ts';
import { findAdded, reviewData } from '../review-data.ts';
import { lockOf } from './data-since.ts';

/**
 * Reviews what changed in the project's data since the champion, example by example.
 *
 * @returns null where the data is the same, or what it was is not in git or in the store
 */
export async function reviewSince(
  context: ProjectContext,
  champion: ModelRecord,
): Promise<DataReview | null> {
  const { store, lock, project } = context;
  const { data, table, split } = project.definition;
  const before = ownValue((await lockOf(context.workspace.root, champion))?.datasets, data.name);
  const after = ownValue(lock.datasets, data.name);
  if (!before || !after || before.digest === after.digest) return null;
  const read = (dataset: LockedDataset) =>
    readExamples(store, dataset, {
      split: { ...split, ...dataset.split },
      ...(table && { table }),
    });
  try {
    const [old, fresh] = [await read(before), await read(after)];
    const photos = table ? undefined : await readPhotoFacts(store, old, findAdded(old, fresh));
    return reviewData({
      ...{ dataset: data.name, before: old, after: fresh, photos },
      ...{ label: table?.label, key: split.group },
    });
  } catch (error) {
    // A fresh clone does not have the champion's data, and its table may have had other columns.
    if (isMainstemError(error, 'STORE_MISSING') || isMainstemError(error, 'DATA_INVALID'))
      return null;
    throw error;
  }
}
