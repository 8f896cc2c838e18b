import { findPortabilityFault } from '../../../platform/lib/file-names.ts';
import { type Check, counted, observed } from '../check.ts';
import { type FolderSubject, pathsOf } from '../subjects.ts';

export const nameUnportable: Check<FolderSubject> = {
  code: 'NAME_UNPORTABLE',
  severity: 'info',
  finds:
    'Names that Windows cannot hold: reserved words, a dot or blank at the end, characters such as `:`.',
  hint: 'Rename them if the data is to be checked out on Windows; otherwise there is nothing to do.',
  observe: (subject) => {
    const places = pathsOf(subject).flatMap((path) => {
      const fault = path.split('/').map(findPortabilityFault).find(Boolean);
      return fault ? [`${path} (${fault})`] : [];
    });
    return observed(
      places,
      `${counted(places.length, 'file has', 'files have')} a name that Windows cannot hold.`,
    );
  },
};
