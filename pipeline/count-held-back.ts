import { ownValue } from '../platform/lib/own-value.ts';
import type { ProjectContext } from './context.ts';

/** How many examples are held back for promotions, as the lock counts them; null where the project holds none back. */
export function countHeldBack({ project, lock }: ProjectContext): number | null {
  const { data, split } = project.definition;
  if (split.heldBack === undefined) return null;
  const counts = ownValue(lock.datasets, data.name)?.splits.heldBack ?? {};
  return Object.values(counts).reduce((sum, count) => sum + count, 0);
}
