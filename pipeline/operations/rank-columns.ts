import { MainstemError } from '../../platform/lib/errors.ts';
import { writeJson } from '../../platform/lib/json-file.ts';
import type { Report } from '../../platform/report/index.ts';
import type { Ranking } from '../../platform/schemas/index.ts';
import type { ProjectContext } from '../context.ts';
import { tryWithoutColumns } from '../drop-columns.ts';
import { type Experiment, type ExperimentRequest, experiment } from './experiment.ts';
import { reportPath } from './report.ts';

/** How columns are ranked. */
export interface RankRequest extends Pick<ExperimentRequest, 'backend' | 'remote'> {
  /** Whether to train again without each weak column. */
  readonly dropColumns?: boolean;
}

/** A report whose ranking is known. */
export interface RankedReport {
  readonly report: Report;
  readonly ranking: Ranking;
}

/**
 * Ranks the columns of the candidate that the working tree describes, which is trained if it is not yet, and leaves the ranking
 * in its report.
 *
 * @throws MainstemError RANK_NO_TABLE, and what {@link experiment} throws
 */
export async function rankProject(
  context: ProjectContext,
  { dropColumns = false, ...request }: RankRequest,
): Promise<RankedReport> {
  const { name, table } = context.project.definition;
  if (!table) throw new MainstemError('RANK_NO_TABLE', { name });
  const judged = await experiment(context, request);
  const ranking = judged.report.ranking;
  if (!ranking) throw new MainstemError('RANK_NO_TABLE', { name });
  if (!dropColumns) return { report: judged.report, ranking };
  return withDropped(context, { ...judged, ranking, backend: request.backend });
}

async function withDropped(
  context: ProjectContext,
  {
    record,
    report,
    ranking,
    backend,
  }: Experiment & Pick<RankedReport, 'ranking'> & Pick<RankRequest, 'backend'>,
): Promise<RankedReport> {
  const dropped = await tryWithoutColumns(context, record, ranking, backend);
  const tried = { ...ranking, dropped };
  const complete = { ...report, ranking: tried };
  await writeJson(reportPath(context.workspace.root, record.model), complete);
  return { report: complete, ranking: tried };
}
