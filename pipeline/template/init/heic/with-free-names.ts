import { namedFormat } from '../../../../platform/transforms/index.ts';

/**
 * What copies are called: HEIC photos become JPEG, under names that no other photo has.
 *
 * @param photos the places that they would have under their own names
 * @example withFreeNames([{ to: 'cat/1.HEIC' }]) // [{ to: 'cat/1.HEIC.jpg' }]
 */
export function withFreeNames<Photo extends { readonly to: string }>(
  photos: readonly Photo[],
): Photo[] {
  const isHeic = (path: string) => namedFormat(path) === 'heic';
  const taken = new Set(photos.map(({ to }) => to.toLowerCase()));
  return photos.map((photo) => {
    if (!isHeic(photo.to)) return photo;
    const names = [`${photo.to}.jpg`];
    for (let count = 2; taken.has(names.at(-1)?.toLowerCase() ?? ''); count++) {
      names.push(`${photo.to}-${count}.jpg`);
    }
    const to = names.at(-1) ?? photo.to;
    taken.add(to.toLowerCase());
    return { ...photo, to };
  });
}
