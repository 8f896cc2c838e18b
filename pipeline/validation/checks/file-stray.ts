import { type Check, counted, observed } from '../check.ts';
import type { FolderSubject } from '../subjects.ts';

export const fileStray: Check<FolderSubject> = {
  code: 'FILE_STRAY',
  severity: 'warning',
  finds:
    'Files beside the class folders: nothing says what they show, so nothing is learnt from them.',
  hint: 'Move each photo into the folder of its class, and other files elsewhere.',
  observe: ({ strays }) =>
    observed(strays, `${counted(strays.length, 'file is', 'files are')} not in a class folder.`),
};
