import { maximumPixels } from '../../../platform/transforms/index.ts';
import { type Check, counted, observed } from '../check.ts';
import type { PhotoSubject } from '../subjects.ts';

export const photoTooLarge: Check<PhotoSubject> = {
  code: 'PHOTO_TOO_LARGE',
  severity: 'error',
  finds: `Pictures of more than ${maximumPixels / 1e6} million pixels: they are not decoded.`,
  hint: 'Replace them with smaller copies: the network sees far fewer pixels than a camera takes.',
  observe: ({ photos }) => {
    const places = photos.flatMap(({ path, tooLarge }) =>
      tooLarge ? [`${path} ${tooLarge}`] : [],
    );
    const limit = `${maximumPixels / 1e6} million pixels`;
    return observed(
      places,
      `${counted(places.length, 'photo has', 'photos have')} more than ${limit}.`,
    );
  },
};
