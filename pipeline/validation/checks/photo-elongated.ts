import { type Check, counted, observed } from '../check.ts';
import { measuredPhotos, type PhotoSubject } from '../subjects.ts';

export const photoElongated: Check<PhotoSubject> = {
  code: 'PHOTO_ELONGATED',
  severity: 'warning',
  finds:
    'Photos so long that the central square, which is all the network sees, misses most of them.',
  threshold: 'maximumAspect',
  hint: 'The network sees a square from the middle: crop the photo around its object, or raise checks.maximumAspect.',
  observe: ({ photos, limits }) => {
    const places = measuredPhotos(photos)
      .filter(({ width, height }) => aspect(width, height) > limits.maximumAspect)
      .map(({ path, width, height }) => `${path} ${width}×${height}`);
    return observed(
      places,
      `${counted(places.length, 'photo is', 'photos are')} more than ${limits.maximumAspect} times as long as wide.`,
    );
  },
};

function aspect(width: number, height: number): number {
  return Math.max(width, height) / Math.min(width, height);
}
