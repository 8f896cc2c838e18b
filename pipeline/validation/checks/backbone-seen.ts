import type { PartName } from '../../../platform/schemas/index.ts';
import { type Check, counted, observed } from '../check.ts';
import type { FolderSubject } from '../subjects.ts';

/** What is asked with them, most important first. */
const asked: readonly PartName[] = ['test', 'heldBack', 'validation'];

export const backboneSeen: Check<FolderSubject> = {
  code: 'BACKBONE_SEEN',
  severity: 'warning',
  finds:
    'Photos of the test or validation split, or held back, that the promoted model has learnt from which is the backbone: what is measured with them looks better than it is.',
  hint: 'Use one split.seed and the same fractions in both projects, so that equal photos are in equal splits, or remove these photos.',
  observe: ({ examples, backbone }) => {
    if (!backbone) return [];
    const seen = examples.filter(
      ({ split, digest }) => asked.includes(split) && backbone.hasSeen(digest),
    );
    const places = asked.flatMap((part) =>
      seen.filter(({ split }) => split === part).map(({ id }) => `${id} (${part})`),
    );
    const shares = asked.flatMap((part) => {
      const [some, all] = [seen, examples].map((of) => of.filter(({ split }) => split === part));
      return some?.length ? [`${some.length} of ${all?.length} in ${part}`] : [];
    });
    return observed(
      places,
      `${counted(places.length, 'photo is', 'photos are')} among what the backbone ${backbone.name} has learnt from: ${shares.join(', ')}.`,
    );
  },
};
