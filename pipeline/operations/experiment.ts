import { MainstemError } from '../../platform/lib/errors.ts';
import type { Report } from '../../platform/report/index.ts';
import type { BackendChoice, ModelRecord, Workspace } from '../../platform/schemas/index.ts';
import { runPipeline } from '../run.ts';
import { openArena } from './context.ts';
import { provideData } from './provide-data.ts';
import { reportCandidate } from './report.ts';

export interface ExperimentRequest {
  readonly backend: BackendChoice;
  readonly force?: boolean;
}

/** Runs every stage for the working tree and holds the result against what serves. */
export async function experiment(
  workspace: Workspace,
  name: string,
  { backend, force = false }: ExperimentRequest,
): Promise<{ report: Report; record: ModelRecord }> {
  // A fresh clone has the lock, but not the bytes.
  await provideData(workspace, name, process.env.MAINSTEM_REMOTE ?? '');
  const arena = await openArena(workspace, name);
  const { record, validation } = await runPipeline(workspace, arena.project, { backend, force });
  if (!record) throw new MainstemError('PROMOTE_NO_CANDIDATE', { model: name });
  const report = await reportCandidate(arena, record, validation?.findings ?? []);
  return { report, record };
}
