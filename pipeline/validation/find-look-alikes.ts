import type { DealtExample } from '../../platform/schemas/index.ts';
import { findLookAlikePhotos } from '../../platform/transforms/index.ts';
import type { Photo } from './subjects.ts';

/** Sets of examples whose photos look almost the same; of those with the same bytes one stands for all. */
export function findLookAlikes(
  examples: readonly DealtExample[],
  photos: readonly Photo[],
): readonly (readonly DealtExample[])[] {
  const names = new Intl.Collator('en', { numeric: true });
  const ordered = photos.toSorted((a, b) => names.compare(a.path, b.path));
  const byId = new Map(examples.map((example) => [example.id, example]));
  return findLookAlikePhotos(ordered.map(({ print }) => print))
    .map((set) => set.flatMap((at) => byId.get(ordered[at]?.path ?? '') ?? []))
    .map((set) => [...new Map(set.map((example) => [example.digest, example])).values()])
    .filter(({ length }) => length > 1);
}
