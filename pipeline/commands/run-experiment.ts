import { MainstemError } from '../lib/errors.ts';
import type { Report } from '../report/index.ts';
import { runPipeline } from '../run.ts';
import type { BackendName, ModelRecord, Workspace } from '../types.ts';
import { openArena } from './arena.ts';
import { provideData } from './provide-data.ts';
import { reportCandidate } from './report-candidate.ts';

export interface ExperimentRequest {
  readonly backend: 'auto' | BackendName;
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
