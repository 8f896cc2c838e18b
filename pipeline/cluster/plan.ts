import type { Site } from './task.ts';

/** A stage with the stages that must have ended before it begins. */
export interface PlannedStage {
  readonly name: string;
  readonly needs: readonly string[];
}

/** What a compiled pipeline runs. */
export interface Plan {
  readonly site: Site;
  /** In an order in which each comes after those it needs. */
  readonly stages: readonly PlannedStage[];
  /** Of a sweep, today's parameters first; null for a run. */
  readonly trials: readonly Readonly<Record<string, unknown>>[] | null;
  /** Whether trials measure the size and latency of their files. */
  readonly footprint: boolean;
  /** How many trials at a time. */
  readonly parallel: number;
}

/** Stages whose results all trials of a sweep share, where it does not search what they read. */
const before = new Set([
  'validate',
  'prepare',
  'prepare-out-of-distribution',
  'embed',
  'embed-out-of-distribution',
  'activate',
  'activate-out-of-distribution',
]);

/** The stages that run by themselves: of a sweep those before training. */
export function sharedStages({ stages, trials }: Plan): readonly PlannedStage[] {
  return trials === null ? stages : stages.filter(({ name }) => before.has(name));
}
