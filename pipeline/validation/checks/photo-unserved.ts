import { mostUnequalSides, servedPixels } from '../../../platform/lib/served-photos.ts';
import { servedNames } from '../../../platform/transforms/index.ts';
import { type Check, counted, observed } from '../check.ts';
import type { PhotoSubject } from '../subjects.ts';

export const photoUnserved: Check<PhotoSubject> = {
  code: 'PHOTO_UNSERVED',
  severity: 'warning',
  finds: `Photos from which the model learns, but which its server refuses: it takes ${servedNames} of at most ${servedPixels / 1e6} million pixels (four times as many in a JPEG of one scan), no side of which is more than ${mostUnequalSides} times the other.`,
  hint: 'Replace them with copies that the server takes, if users will send such photos.',
  observe: ({ photos }) => {
    const places = photos.flatMap(({ path, unserved, properties }) =>
      properties && unserved !== null ? [`${path}: ${unserved}`] : [],
    );
    return observed(
      places,
      `${counted(places.length, 'photo is one', 'photos are ones')} that the server would refuse.`,
    );
  },
};
