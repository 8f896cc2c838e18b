import type { Digest } from '../../platform/lib/hash.ts';
import { silentReporter } from '../../platform/lib/reporter.ts';
import { backendFor } from '../backend-for.ts';
import type { ProjectContext } from '../context.ts';
import type { StageSummary } from '../engine/index.ts';
import { assertJoined } from '../joined-table.ts';
import { type RunOptions, type RunResult, runPipeline, runRecipe } from '../run.ts';
import { provideData } from './provide-data.ts';
import { assertRecipe, shareResults } from './share-results.ts';

/** How to run, and where missing data comes from. */
export interface RunRequest extends RunOptions {
  /** Address of the remote; left out or empty, the one that is configured, if any. */
  readonly remote?: string;
  /** Address of the remote through which results are shared with other machines; empty for the one that is configured. */
  readonly sharedRemote?: string | undefined;
  /** What {@link runRecipe} must give here, or nothing is done. */
  readonly expect?: Digest | undefined;
}

/**
 * Brings every stage of a project up to date with the working tree; what a fresh clone lacks is provided first. A dry
 * run provides nothing.
 *
 * @throws MainstemError FEATURES_NOT_JOINED, JOB_DIFFERS, and what {@link provideData} and {@link runPipeline} throw
 */
export async function run(
  given: ProjectContext,
  { remote, sharedRemote, expect, ...options }: RunRequest,
): Promise<RunResult> {
  const context = await shareResults(given, sharedRemote);
  if (!options.dryRun) {
    await provideData(context, sharedRemote || remote);
    await assertJoined(context);
  }
  if (expect !== undefined) {
    const backend = await backendFor(context.project.definition, options.backend);
    assertRecipe(await runRecipe(context, backend), expect);
  }
  return runPipeline(context, options);
}

/** Says without a word what a run would do. @throws as {@link run} */
export async function planRun(
  context: ProjectContext,
  options: RunOptions,
): Promise<readonly StageSummary[]> {
  const workspace = { ...context.workspace, reporter: silentReporter };
  return (await runPipeline({ ...context, workspace }, { ...options, dryRun: true })).stages;
}
