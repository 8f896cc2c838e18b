import { type Check, counted, observed } from '../check.ts';
import type { PhotoSubject } from '../subjects.ts';

/** Files whose content is no picture, whatever their name says. */
export const photoForeign: Check<PhotoSubject> = {
  code: 'PHOTO_FOREIGN',
  severity: 'error',
  hint: 'Move the file out of the folder, or fetch the photo again: a failed download often is a web page.',
  observe: ({ photos }) => {
    const places = photos.filter(({ format }) => format === null).map(({ path }) => path);
    return observed(
      places,
      `${counted(places.length, 'file among the photos holds', 'files among the photos hold')} no picture.`,
    );
  },
};
