import { type Check, counted, observed } from '../check.ts';
import { measuredPhotos, type PhotoSubject } from '../subjects.ts';

export const photoFlat: Check<PhotoSubject> = {
  code: 'PHOTO_FLAT',
  severity: 'warning',
  finds: 'Photos that are nearly one even shade.',
  threshold: 'contrast',
  hint: 'Look for fog, a covered lens or an empty picture. Lower checks.contrast if your objects are that even.',
  observe: ({ photos, limits }) => {
    const places = measuredPhotos(photos)
      .filter(({ contrast }) => contrast < limits.contrast)
      .map(({ path, contrast }) => `${path} ${contrast.toFixed(1)}`);
    return observed(
      places,
      `${counted(places.length, 'photo has', 'photos have')} low contrast: standard deviation of luminance below ${limits.contrast}.`,
    );
  },
};
