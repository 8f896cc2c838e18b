import { type Check, counted, observed } from '../check.ts';
import type { PhotoSubject } from '../subjects.ts';

export const photoDamaged: Check<PhotoSubject> = {
  code: 'PHOTO_DAMAGED',
  severity: 'error',
  finds:
    'JPEG pictures whose data is garbled, or breaks off before the end mark: a decoder invents the rest.',
  hint: 'Copy the photo again from where it came, or remove it.',
  observe: ({ photos }) => {
    const places = photos.filter(({ damaged }) => damaged).map(({ path }) => path);
    return observed(
      places,
      `${counted(places.length, 'photo is', 'photos are')} garbled or incomplete.`,
    );
  },
};
