import { join } from 'node:path';
import { MainstemError } from '../../../platform/lib/errors.ts';
import type { Digest } from '../../../platform/lib/hash.ts';
import type { BackendChoice, SweepTrial } from '../../../platform/schemas/index.ts';
import { backendFor } from '../../backend-for.ts';
import type { ProjectContext } from '../../context.ts';
import { createMachine } from '../../engine/index.ts';
import { assertJoined } from '../../joined-table.ts';
import { runTrial, trialRecipe } from '../../run-trial.ts';
import { changeParameters, type Values } from '../../sweep/index.ts';
import { provideData } from '../provide-data.ts';
import { assertRecipe, shareResults } from '../share-results.ts';
import { doneTrial, settle, sweepFolder } from './session.ts';

/** What is tried, and with whom its results are shared. */
export interface TryRequest {
  /** By dotted keys; what is not named is as params.json says. */
  readonly values: Values;
  readonly backend: BackendChoice;
  /** Measure the size and latency of the model's file, too. */
  readonly footprint?: boolean | undefined;
  /** Address of the remote through which results are shared; empty for the one that is configured. */
  readonly sharedRemote?: string | undefined;
  /** What {@link trialRecipe} must give here, or nothing is done. */
  readonly expect?: Digest | undefined;
}

/**
 * Runs one trial of a search: trains with these values and measures on the validation split. The same values in a sweep, here or on a
 * machine that shares results, cost nothing more.
 *
 * @throws MainstemError TRIAL_FAILED where the values are to blame; JOB_DIFFERS, PARAMETER_INVALID, and what concerns every trial
 */
export async function tryValues(
  given: ProjectContext,
  { values, backend: choice, footprint = false, sharedRemote, expect }: TryRequest,
): Promise<SweepTrial> {
  const { workspace, project } = given;
  const parameters = changeParameters(project, values, 'the values of the trial');
  const context = await shareResults(given, sharedRemote);
  await provideData(context, sharedRemote);
  await assertJoined(context);
  const backend = await backendFor(project.definition, choice);
  const checkpoint = join(sweepFolder(workspace.root, project.definition.name), 'none');
  const request = { parameters, backend, machine: createMachine(), checkpoint };
  if (expect !== undefined) assertRecipe(await trialRecipe(context, backend), expect);
  const result = await settle(0, values, async () =>
    doneTrial(0, values, await runTrial(context, request, footprint)),
  );
  if (!result.error) return result;
  const { code, message } = result.error;
  throw new MainstemError('TRIAL_FAILED', { code, reason: message });
}
