import { type Check, counted, observed } from '../check.ts';
import type { PhotoSubject } from '../subjects.ts';

export const photoMistyped: Check<PhotoSubject> = {
  code: 'PHOTO_MISTYPED',
  severity: 'warning',
  finds:
    'Pictures in a format other than their name says: harmless here, a trap for other programs.',
  hint: 'Rename the file so that its extension says what it is.',
  observe: ({ photos }) => {
    const places = photos
      .filter(({ format, named }) => format && format !== named)
      .map(({ path, format }) => `${path} is ${format}`);
    return observed(
      places,
      `${counted(places.length, 'photo has', 'photos have')} the wrong extension.`,
    );
  },
};
