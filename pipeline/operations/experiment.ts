import { MainstemError } from '../../platform/lib/errors.ts';
import type { ModelRecord } from '../../platform/schemas/index.ts';
import type { ProjectContext } from '../context.ts';
import { type Judgement, report } from './report.ts';
import { type RunRequest, run } from './run.ts';

/** A candidate with its report. */
export interface Experiment extends Judgement {
  readonly record: ModelRecord;
}

/**
 * Runs every stage for the working tree and compares the result with what serves.
 *
 * @throws MainstemError PROMOTE_NO_CANDIDATE if the run leaves no record, and what {@link run} throws
 */
export async function experiment(
  context: ProjectContext,
  request: Pick<RunRequest, 'backend' | 'force' | 'remote'>,
): Promise<Experiment> {
  const { record, validation } = await run(context, request);
  if (!record) {
    throw new MainstemError('PROMOTE_NO_CANDIDATE', { model: context.project.definition.name });
  }
  return { record, ...(await report(context, record, validation?.findings ?? [])) };
}
