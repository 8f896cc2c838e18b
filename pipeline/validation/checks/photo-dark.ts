import { type Check, counted, observed } from '../check.ts';
import { measuredPhotos, type PhotoSubject } from '../subjects.ts';

export const photoDark: Check<PhotoSubject> = {
  code: 'PHOTO_DARK',
  severity: 'warning',
  finds: 'Photos in which hardly anything can be seen for lack of light.',
  threshold: 'dark',
  hint: 'Look at them: remove what a person cannot recognise. Lower checks.dark if night photos are meant to be there.',
  observe: ({ photos, limits }) => {
    const places = measuredPhotos(photos)
      .filter(({ brightness }) => brightness < limits.dark)
      .map(({ path, brightness }) => `${path} ${Math.round(brightness)}`);
    return observed(
      places,
      `${counted(places.length, 'photo is', 'photos are')} dark: mean luminance below ${limits.dark} of 255.`,
    );
  },
};
