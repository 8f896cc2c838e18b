import type { ProjectContext } from '../context.ts';
import { assertJoined } from '../joined-table.ts';
import { type RunOptions, type RunResult, runPipeline } from '../run.ts';
import { provideData } from './provide-data.ts';

/** How to run, and where missing data comes from. */
export interface RunRequest extends RunOptions {
  /** Address of the remote; left out or empty, the one that is configured, if any. */
  readonly remote?: string;
}

/**
 * Brings every stage of a project up to date with the working tree; what a fresh clone lacks is provided first. A dry
 * run provides nothing.
 *
 * @throws MainstemError FEATURES_NOT_JOINED, and what {@link provideData} and {@link runPipeline} throw
 */
export async function run(
  context: ProjectContext,
  { remote, ...options }: RunRequest,
): Promise<RunResult> {
  if (!options.dryRun) {
    await provideData(context, remote);
    await assertJoined(context);
  }
  return runPipeline(context, options);
}
