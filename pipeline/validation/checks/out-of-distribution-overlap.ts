import { type Check, counted, observed } from '../check.ts';
import type { FolderSubject } from '../subjects.ts';

export const outOfDistributionOverlap: Check<FolderSubject> = {
  code: 'OUT_OF_DISTRIBUTION_OVERLAP',
  severity: 'error',
  finds: 'A photo both learnt as a class and listed as one to refuse.',
  hint: 'Remove it from one of the two folders.',
  observe: ({ examples, outOfDistribution }) => {
    const places = examples.flatMap(({ id, digest }) => {
      const other = outOfDistribution.get(digest);
      return other === undefined ? [] : [`${id} = ${other}`];
    });
    return observed(
      places,
      `${counted(places.length, 'photo is', 'photos are')} also among those to refuse.`,
    );
  },
};
