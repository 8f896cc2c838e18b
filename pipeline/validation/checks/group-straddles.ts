import { type Check, counted, observed } from '../check.ts';
import type { ExampleSubject } from '../subjects.ts';

export const groupStraddles: Check<ExampleSubject> = {
  code: 'GROUP_STRADDLES',
  severity: 'error',
  finds:
    'Views of one object in two splits: the test would ask for what training has seen. Splitting by hash rules it out.',
  hint: 'This is a fault of the platform, not of your data: the split must depend on the group only. Please report it.',
  observe: ({ straddling }) =>
    observed(
      straddling,
      `${counted(straddling.length, 'group is', 'groups are')} in more than one split.`,
    ),
};
