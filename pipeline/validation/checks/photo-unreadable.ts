import { type Check, counted, observed } from '../check.ts';
import type { Photo, PhotoSubject } from '../subjects.ts';

export const photoUnreadable: Check<PhotoSubject> = {
  code: 'PHOTO_UNREADABLE',
  severity: 'error',
  finds: 'Pictures that cannot be decoded, though their end is there.',
  hint: 'Replace or remove the photo. HEIC files of phones must be converted to JPEG first.',
  observe: ({ photos }) => {
    const places = photos
      .filter(({ format, ...photo }) => format && isUndecoded(photo))
      .map(({ path }) => path);
    return observed(
      places,
      `${counted(places.length, 'photo cannot', 'photos cannot')} be decoded.`,
    );
  },
};

function isUndecoded(photo: Omit<Photo, 'format'>): boolean {
  const { properties, truncated, damaged, tooLarge } = photo;
  return !properties && !truncated && !damaged && tooLarge === null;
}
