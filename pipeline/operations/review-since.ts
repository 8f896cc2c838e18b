import { isMainstemError } from '../../platform/lib/errors.ts';
import { ownValue } from '../../platform/lib/own-value.ts';
import type { DataReview, LockedDataset, ModelRecord } from '../../platform/schemas/index.ts';
import { readExamples, readTable } from '../../platform/storage/index.ts';
import { findChangedRows } from '../changed-rows.ts';
import type { ProjectContext } from '../context.ts';
import { versionOfPhotos, versionOfTable } from '../data-version.ts';
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
  champion: Pick<ModelRecord, 'model' | 'run'>,
): Promise<DataReview | null> {
  const { lock, project } = context;
  const { data, table } = project.definition;
  const before = ownValue((await lockOf(context.workspace.root, champion))?.datasets, data.name);
  const after = ownValue(lock.datasets, data.name);
  if (!before || !after || before.digest === after.digest) return null;
  try {
    const review = table ? reviewTable : reviewPhotos;
    return await review(context, before, after);
  } catch (error) {
    // A fresh clone does not have the champion's data, and its table may have had other columns.
    if (isMainstemError(error, 'STORE_MISSING') || isMainstemError(error, 'DATA_INVALID'))
      return null;
    throw error;
  }
}

async function reviewPhotos(
  { store, project }: ProjectContext,
  before: LockedDataset,
  after: LockedDataset,
): Promise<DataReview> {
  const { data, split } = project.definition;
  const read = (dataset: LockedDataset) =>
    readExamples(store, dataset, { split: { ...split, ...dataset.split } });
  const [old, fresh] = [await read(before), await read(after)];
  return reviewData({
    ...{ dataset: data.name, before: versionOfPhotos(old), after: versionOfPhotos(fresh) },
    photos: await readPhotoFacts(store, old, findAdded(old, fresh)),
  });
}

async function reviewTable(
  { store, project }: ProjectContext,
  before: LockedDataset,
  after: LockedDataset,
): Promise<DataReview> {
  const { data, split, table } = project.definition;
  const read = async (dataset: LockedDataset) =>
    versionOfTable(await readTable(store, dataset), dataset.path, {
      split: { ...split, ...dataset.split },
      label: table?.label ?? '',
    });
  const [old, fresh] = [await read(before), await read(after)];
  return reviewData({
    ...{ dataset: data.name, before: old, after: fresh },
    changedRows: findChangedRows(old, fresh, split.group),
  });
}
