import { type Check, counted, eachFirst, listFew, observed } from '../check.ts';
import type { FolderSubject } from '../subjects.ts';

export const lookAlikeAcross: Check<FolderSubject> = {
  code: 'LOOK_ALIKE_ACROSS',
  severity: 'warning',
  finds:
    'Photos that look almost the same in different splits, such as a burst or frames of one video: the test knows them already.',
  hint: 'Look at them: if they show one thing, give them one value in a column of metadata.csv and name it in split.group.',
  observe: ({ lookAlikes }) => {
    const across = lookAlikes.filter((set) => new Set(set.map(({ split }) => split)).size > 1);
    return observed(
      across.map((set) =>
        listFew(
          eachFirst(set, ({ split }) => split).map(({ id, split }) => `${id} (${split})`),
          ' = ',
        ),
      ),
      `${counted(across.length, 'set of photos that look', 'sets of photos that look')} almost the same ${across.length === 1 ? 'is' : 'are'} in more than one split.`,
    );
  },
};
