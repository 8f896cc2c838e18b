import { type Check, counted, observed } from '../check.ts';
import type { PhotoSubject } from '../subjects.ts';

export const photoLocated: Check<PhotoSubject> = {
  code: 'PHOTO_LOCATED',
  severity: 'warning',
  finds:
    'Photos that say where they were taken: anyone who gets the data learns where people live.',
  hint:
    'The network never sees it, but the data carries it along. Remove it: "exiftool -all= --icc_profile:all ' +
    '-tagsfromfile @ -orientation -overwrite_original -r <folder>" removes all such notes and keeps photos upright and their colours.',
  observe: ({ photos }) => {
    const places = photos.filter(({ located }) => located).map(({ path }) => path);
    return observed(
      places,
      `${counted(places.length, 'photo carries', 'photos carry')} the place where they were taken.`,
    );
  },
};
