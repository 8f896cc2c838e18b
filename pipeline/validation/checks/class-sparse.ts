import { splitNames } from '../../../platform/schemas/index.ts';
import { type Check, observed } from '../check.ts';
import type { ExampleSubject } from '../subjects.ts';

/** Fewer than this say next to nothing about a class. */
const minimum = 5;

export const classSparse: Check<ExampleSubject> = {
  code: 'CLASS_SPARSE',
  severity: 'warning',
  finds: 'Classes with too few examples in a split to be learnt or measured.',
  hint: 'Collect more of these classes, or give validation and test a larger share in split.fractions.',
  observe: ({ examples, classes }) => {
    const sparse = splitNames.flatMap((split) => {
      const labels = examples
        .filter((example) => example.split === split)
        .map(({ label }) => label);
      return classes
        .map((name) => ({ name, count: labels.filter((label) => label === name).length }))
        .filter(({ count }) => labels.length > 0 && count < minimum)
        .map(({ name, count }) => `${split}: ${count} of ${name}`);
    });
    return observed(sparse, `Some splits have fewer than ${minimum} examples of a class.`);
  },
};
