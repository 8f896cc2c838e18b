import { type Check, counted, observed } from '../check.ts';
import { measuredPhotos, type PhotoSubject } from '../subjects.ts';

/** Photos out of focus or moved. */
export const photoBlurred: Check<PhotoSubject> = {
  code: 'PHOTO_BLURRED',
  severity: 'warning',
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
