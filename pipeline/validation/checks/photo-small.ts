import { type Check, counted, observed } from '../check.ts';
import { measuredPhotos, type PhotoSubject } from '../subjects.ts';

export const photoSmall: Check<PhotoSubject> = {
  code: 'PHOTO_SMALL',
  severity: 'warning',
  finds: 'Photos with fewer pixels than the network wants to see.',
  threshold: 'minimumSide',
  hint: 'Use larger photos, or lower checks.minimumSide in project.ts if the network needs no more.',
  observe: ({ photos, limits }) => {
    const places = measuredPhotos(photos)
      .filter(({ width, height }) => Math.min(width, height) < limits.minimumSide)
      .map(({ path, width, height }) => `${path} ${width}×${height}`);
    return observed(
      places,
      `${counted(places.length, 'photo has', 'photos have')} a side below ${limits.minimumSide} pixels.`,
    );
  },
};
