import { splitNames } from '../../../platform/schemas/index.ts';
import { type Check, observed } from '../check.ts';
import type { ExampleSubject } from '../subjects.ts';

export const splitEmpty: Check<ExampleSubject> = {
  code: 'SPLIT_EMPTY',
  severity: 'error',
  finds: 'A split without examples: nothing to learn from, to choose by, or to judge by.',
  hint: 'Add data, raise the share in split.fractions, or use a finer split.group: one group goes to one split.',
  observe: ({ counts }) => {
    const empty = splitNames.filter((name) => (counts.get(name)?.size ?? 0) === 0);
    return observed(empty, `No example in ${empty.join(', ')}.`);
  },
};
