import { type Check, counted, observed } from '../check.ts';
import { measuredPhotos, type PhotoSubject } from '../subjects.ts';

export const photoOrientation: Check<PhotoSubject> = {
  code: 'PHOTO_ORIENTATION',
  severity: 'info',
  finds:
    'Photos stored lying on their side, with a note to turn them. Mainstem turns them, many programs do not.',
  hint: 'Nothing to do: training and serving both turn them. Other programs may show the files lying on their side.',
  observe: ({ photos }) => {
    const places = measuredPhotos(photos)
      .filter(({ orientation }) => orientation !== 1)
      .map(({ path, orientation }) => `${path} orientation ${orientation}`);
    return observed(
      places,
      `${counted(places.length, 'photo is turned by its', 'photos are turned by their')} EXIF data.`,
    );
  },
};
