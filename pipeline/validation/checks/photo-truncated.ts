import { type Check, counted, observed } from '../check.ts';
import type { PhotoSubject } from '../subjects.ts';

export const photoTruncated: Check<PhotoSubject> = {
  code: 'PHOTO_TRUNCATED',
  severity: 'error',
  finds: 'Pictures that stop before their end: an interrupted copy or download.',
  hint: 'Copy the photo again from where it came; this copy was cut off.',
  observe: ({ photos }) => {
    const places = photos.filter(({ truncated }) => truncated).map(({ path }) => path);
    return observed(
      places,
      `${counted(places.length, 'photo ends', 'photos end')} before the picture does.`,
    );
  },
};
