import { MainstemError } from '../../platform/lib/errors.ts';
import type { ModelRecord } from '../../platform/schemas/index.ts';
import type { ProjectContext } from '../context.ts';
import { writeCandidate } from '../record.ts';
import { trainSeeds } from '../train-seeds.ts';
import { type Judgement, report } from './report.ts';
import { type RunRequest, run } from './run.ts';

/** A candidate with its report. */
export interface Experiment extends Judgement {
  readonly record: ModelRecord;
}

/** What is run, and with how many seeds. */
export interface ExperimentRequest extends Pick<RunRequest, 'backend' | 'force' | 'remote'> {
  /** Train with so many seeds, to tell what is noise of training; the candidate is that of `params.json`. @default 1 */
  readonly seeds?: number;
}

/**
 * Runs every stage for the working tree and compares the result with what serves.
 *
 * @throws MainstemError PROMOTE_NO_CANDIDATE if the run leaves no record, and what {@link run} throws
 */
export async function experiment(
  context: ProjectContext,
  { seeds = 1, ...request }: ExperimentRequest,
): Promise<Experiment> {
  const { record, validation } = await run(context, request);
  if (!record) {
    throw new MainstemError('PROMOTE_NO_CANDIDATE', { model: context.project.definition.name });
  }
  const candidate = seeds > 1 ? await withSeeds(context, record, { ...request, seeds }) : record;
  const judged = await report(context, candidate, validation?.findings ?? []);
  return { record: candidate, ...judged };
}

async function withSeeds(
  context: ProjectContext,
  record: ModelRecord,
  request: Required<Pick<ExperimentRequest, 'seeds'>> & Pick<RunRequest, 'backend' | 'force'>,
): Promise<ModelRecord> {
  const { backend, force = false, seeds } = request;
  const spread = await trainSeeds(context, record, { backend, force, seeds });
  return writeCandidate(context.workspace.root, { ...record, seeds: spread });
}
