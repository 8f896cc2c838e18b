import { foldSimilar, spellOut } from '../../../platform/lib/look-alikes.ts';
import { type Check, counted, observed } from '../check.ts';
import type { FolderSubject } from '../subjects.ts';

/** Says what a name may be taken for. */
function describe(name: string, classes: readonly string[]): string {
  const meant = classes.find((known) => foldSimilar(known) === foldSimilar(name));
  return meant === undefined ? name : `${spellOut(name)}, while the class is ${spellOut(meant)}`;
}

export const classUnknown: Check<FolderSubject> = {
  code: 'CLASS_UNKNOWN',
  severity: 'error',
  finds:
    'Folders that are not a class: a misspelt name, or a class that the project does not declare.',
  hint: 'Rename the folder, or add it to classes in project.ts: it becomes one more output of the network.',
  observe: ({ examples, classes }) => {
    const unknown = examples.filter(({ label }) => !classes.includes(label));
    const names = [...new Set(unknown.map(({ label }) => label))].sort();
    return observed(
      unknown.map(({ id, label }) => `${id} (${label})`),
      `${counted(unknown.length, 'photo is', 'photos are')} in folders that are not a class of the project: ${names.map((name) => describe(name, classes)).join(', ')}.`,
    );
  },
};
