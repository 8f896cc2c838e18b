import { splitNames } from '../../../platform/schemas/index.ts';
import { type Check, observed } from '../check.ts';
import { countOf, type ExampleSubject } from '../subjects.ts';

/** Fewer than this say next to nothing about a class. */
const minimum = 5;

export const classSparse: Check<ExampleSubject> = {
  code: 'CLASS_SPARSE',
  severity: 'warning',
  finds: 'Classes with too few examples in a split to be learnt or measured.',
  hint: 'Collect more of these classes, or give validation and test a larger share in split.fractions.',
  observe: (subject) => {
    const parts = [...splitNames, 'heldBack'] as const;
    const filled = parts.filter((part) => (subject.counts.get(part)?.size ?? 0) > 0);
    const sparse = filled.flatMap((split) =>
      subject.classes
        .map((name) => ({ name, count: countOf(subject, split, name) }))
        .filter(({ count }) => count < minimum)
        .map(({ name, count }) => `${split}: ${count} of ${name}`),
    );
    return observed(sparse, `Some splits have fewer than ${minimum} examples of a class.`);
  },
};
