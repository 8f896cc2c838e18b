import type { DatasetDefinition, Project } from '../../schemas/define/index.ts';
import { sourceName, sourcePaths } from '../../schemas/index.ts';

/** What a project learns from: its data, its out-of-distribution set and its backbone. */
export function datasetsOf({ definition }: Project): DatasetDefinition[] {
  const { data, outOfDistribution, backbone } = definition;
  return [data, outOfDistribution, backbone].filter((dataset) => dataset !== undefined);
}

/** The files that a project's features are joined from. Projects that read one file share its entry in the lock. */
export function sourcesOf({ definition: { features } }: Project): DatasetDefinition[] {
  if (!features) return [];
  return sourcePaths(features).map((path) => ({ name: sourceName(path), path, ...unsaid }));
}

/** A definition of features says of no file where it is from: what a model learns is the table. */
export const unsaid = { source: 'joined to the rows of a table', licence: 'not stated' } as const;

/** All that a project has in the lock. */
export function lockedOf(project: Project): DatasetDefinition[] {
  return [...datasetsOf(project), ...sourcesOf(project)];
}
