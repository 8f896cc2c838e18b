import { findCollisions } from '../../../platform/storage/index.ts';
import { type Check, counted, observed } from '../check.ts';
import { type FolderSubject, pathsOf } from '../subjects.ts';

export const nameCase: Check<FolderSubject> = {
  code: 'NAME_CASE',
  severity: 'warning',
  finds:
    'Names in one folder that differ only by case: most volumes of macOS and Windows hold only one of them, so the data cannot be checked out there.',
  hint: 'Rename one of each pair, unless the data stays on volumes that tell upper and lower case apart.',
  observe: (subject) => {
    const pairs = findCollisions(pathsOf(subject).toSorted());
    return observed(
      pairs.map(({ first, second }) => `${first} = ${second}`),
      `${counted(pairs.length, 'name differs', 'names differ')} only by case from another in its folder.`,
    );
  },
};
