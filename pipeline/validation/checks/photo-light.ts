import { type Check, counted, observed } from '../check.ts';
import { measuredPhotos, type PhotoSubject } from '../subjects.ts';

export const photoLight: Check<PhotoSubject> = {
  code: 'PHOTO_LIGHT',
  severity: 'warning',
  finds: 'Photos in which hardly anything can be seen for too much light.',
  threshold: 'light',
  hint: 'Look at them: remove what a person cannot recognise. Raise checks.light if a white background is normal here.',
  observe: ({ photos, limits }) => {
    const places = measuredPhotos(photos)
      .filter(({ brightness }) => brightness > limits.light)
      .map(({ path, brightness }) => `${path} ${Math.round(brightness)}`);
    return observed(
      places,
      `${counted(places.length, 'photo is', 'photos are')} over-exposed: mean luminance above ${limits.light} of 255.`,
    );
  },
};
