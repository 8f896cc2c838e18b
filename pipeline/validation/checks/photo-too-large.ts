import { renderBytes } from '../../../platform/lib/text.ts';
import { maximumBytes, maximumPixels } from '../../../platform/transforms/index.ts';
import { type Check, counted, observed } from '../check.ts';
import type { PhotoSubject } from '../subjects.ts';

const limit = `${maximumPixels / 1e6} million pixels or ${renderBytes(maximumBytes)}`;

export const photoTooLarge: Check<PhotoSubject> = {
  code: 'PHOTO_TOO_LARGE',
  severity: 'error',
  finds: `Pictures of more than ${limit}: they are not decoded.`,
  hint: 'Replace them with smaller copies: the network sees far fewer pixels than a camera takes.',
  observe: ({ photos }) => {
    const places = photos.flatMap(({ path, tooLarge }) =>
      tooLarge ? [`${path} ${tooLarge}`] : [],
    );
    return observed(
      places,
      `${counted(places.length, 'photo has', 'photos have')} more than ${limit}.`,
    );
  },
};
