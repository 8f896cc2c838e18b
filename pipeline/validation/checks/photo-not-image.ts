import { type Check, counted, observed } from '../check.ts';
import type { PhotoSubject } from '../subjects.ts';

export const photoNotImage: Check<PhotoSubject> = {
  code: 'PHOTO_NOT_IMAGE',
  severity: 'error',
  finds: 'Files whose content is not a picture, whatever their names say.',
  hint: 'Move the file out of the folder, or fetch the photo again: a failed download is often a web page.',
  observe: ({ photos }) => {
    const places = photos.filter(({ format }) => format === null).map(({ path }) => path);
    return observed(
      places,
      `${counted(places.length, 'file among the photos is', 'files among the photos are')} not a picture.`,
    );
  },
};
