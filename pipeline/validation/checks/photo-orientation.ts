import { type Check, counted, observed } from '../check.ts';
import { measuredPhotos, type PhotoSubject } from '../subjects.ts';

/** Photos stored lying on their side, with a note to turn them. Mainstem turns them, many programs do not. */
export const photoOrientation: Check<PhotoSubject> = {
  code: 'PHOTO_ORIENTATION',
  severity: 'info',
  hint: 'Nothing to do: training and serving both turn them. Mind it when you look at the files with other programs.',
  observe: ({ photos }) => {
    const places = measuredPhotos(photos)
      .filter(({ orientation }) => orientation !== 1)
      .map(({ path, orientation }) => `${path} orientation ${orientation}`);
    return observed(
      places,
      `${counted(places.length, 'photo is', 'photos are')} turned by their EXIF data.`,
    );
  },
};
