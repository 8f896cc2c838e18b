import { splitNames } from '../../../platform/schemas/index.ts';
import { type Check, observed } from '../check.ts';
import type { ExampleSubject } from '../subjects.ts';

export const splitEmpty: Check<ExampleSubject> = {
  code: 'SPLIT_EMPTY',
  severity: 'error',
  finds: 'A split without examples: nothing to learn from, to choose by, or to judge by.',
  hint: 'Add data, raise the share in split.fractions, or use a finer split.group: one group goes to one split.',
  observe: ({ examples }) => {
    const empty = splitNames.filter((name) => !examples.some(({ split }) => split === name));
    return observed(empty, `No example in ${empty.join(', ')}.`);
  },
};
