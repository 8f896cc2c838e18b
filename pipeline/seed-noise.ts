import type { Comparison, ModelRecord, Prediction, SeedNoise } from '../platform/schemas/index.ts';
import type { ProjectContext } from './context.ts';
import { describeSeedNoise } from './evaluation/index.ts';

/** A candidate as it was measured, and what it was compared with. */
export interface Measured {
  readonly candidate: ModelRecord;
  readonly champion: ModelRecord | null;
  /** The candidate's. */
  readonly predictions: readonly Prediction[];
  readonly comparison: Comparison | null;
}

/** What the seed changes of a candidate and of the champion, as their records say; null where neither says it. */
export function seedNoise(
  { project }: Pick<ProjectContext, 'project'>,
  { candidate, champion, predictions, comparison }: Measured,
): SeedNoise | null {
  const { name } = project.definition.data;
  return describeSeedNoise({
    ...{ task: candidate.task, classes: candidate.classes, predictions, comparison },
    candidate: candidate.seeds ?? null,
    champion: champion?.seeds ?? null,
    sameData: candidate.data[name] === champion?.data[name],
  });
}
