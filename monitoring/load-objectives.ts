import type { Objectives } from './define-objectives.ts';

/**
 * Loads the objectives of this repository when they are asked for, so that a server does not depend on them.
 *
 * @throws MainstemError OBJECTIVES_INVALID
 */
export async function loadObjectives(): Promise<Objectives> {
  return (await import('./objectives.ts')).objectives;
}
