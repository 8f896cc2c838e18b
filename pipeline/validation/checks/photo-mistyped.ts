import { type Check, counted, observed } from '../check.ts';
import type { PhotoSubject } from '../subjects.ts';

/** Pictures of another format than their name says: harmless here, a trap for other programs. */
export const photoMistyped: Check<PhotoSubject> = {
  code: 'PHOTO_MISTYPED',
  severity: 'warning',
  hint: 'Rename the file so that its extension tells the truth.',
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
