import { MainstemError } from '../../../platform/lib/errors.ts';
import { findLookAlikes, foldIdentical, spellOut } from '../../../platform/lib/look-alikes.ts';

/**
 * Refuses data in which two classes have names that no reader can tell apart: they would become two classes of a project.
 *
 * @param from where the data is
 * @throws MainstemError INIT_CLASSES_ALIKE
 */
export function assertDistinctClasses(from: string, classes: Iterable<string>): void {
  const [alike] = findLookAlikes(classes, foldIdentical);
  if (!alike) return;
  throw new MainstemError('INIT_CLASSES_ALIKE', { from, names: alike.map(spellOut).join(', ') });
}
