import { type Check, counted, observed } from '../check.ts';
import { measuredPhotos, type PhotoSubject } from '../subjects.ts';

export const photoBlurred: Check<PhotoSubject> = {
  code: 'PHOTO_BLURRED',
  severity: 'warning',
  finds: 'Photos that are out of focus, or blurred by movement.',
  threshold: 'blur',
  hint: 'Remove photos out of focus, or lower checks.blur if your objects are smooth. Keep them if users will send such photos.',
  observe: ({ photos, limits }) => {
    const places = measuredPhotos(photos)
      .filter(({ sharpness }) => sharpness < limits.blur)
      .map(({ path, sharpness }) => `${path} ${sharpness.toFixed(1)}`);
    return observed(
      places,
      `${counted(places.length, 'photo is', 'photos are')} blurred: variance of the Laplacian below ${limits.blur}.`,
    );
  },
};
