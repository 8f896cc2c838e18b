import { type Check, counted, observed } from '../check.ts';
import type { PhotoSubject } from '../subjects.ts';

export const photoAnimated: Check<PhotoSubject> = {
  code: 'PHOTO_ANIMATED',
  severity: 'warning',
  finds: 'Files that hold several pictures: animations, sequences, pages. Only the first is used.',
  hint: 'Keep one picture in each file; or leave it as it is if the first shows the thing.',
  observe: ({ photos }) => {
    const places = photos
      .filter(({ frames }) => frames > 1)
      .map(({ path, frames }) => `${path} ${frames} pictures`);
    return observed(
      places,
      `${counted(places.length, 'file holds', 'files hold')} several pictures, of which only the first is used.`,
    );
  },
};
