import { servedFormats } from '../../../platform/lib/served-formats.ts';
import { imageFormats } from '../../../platform/transforms/index.ts';
import { type Check, counted, observed } from '../check.ts';
import type { PhotoSubject } from '../subjects.ts';

const labels = new Map(imageFormats.map(({ name, label }) => [name, label]));
const labelOf = (name: string) => labels.get(name) ?? name;
const served = servedFormats
  .map(labelOf)
  .join(', ')
  .replace(/, (\w+)$/, ' and $1');

export const photoUnserved: Check<PhotoSubject> = {
  code: 'PHOTO_UNSERVED',
  severity: 'warning',
  finds: `Photos in a format from which the model learns, but which its server refuses: it takes ${served}.`,
  hint: 'Replace them with copies in a format that the server takes, if users will send such photos.',
  observe: ({ photos }) => {
    const places = photos.flatMap(({ path, format, properties }) =>
      properties && format && !servedFormats.includes(format)
        ? `${path} is ${labelOf(format)}`
        : [],
    );
    return observed(
      places,
      `${counted(places.length, 'photo is', 'photos are')} in a format that the server does not take.`,
    );
  },
};
