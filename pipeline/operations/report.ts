import { join } from 'node:path';
import { isMainstemError } from '../../platform/lib/errors.ts';
import { fileAt, git } from '../../platform/lib/git.ts';
import { parseJson } from '../../platform/lib/json.ts';
import { writeJson } from '../../platform/lib/json-file.ts';
import { lockFile } from '../../platform/lib/layout.ts';
import { loadPromoted, recordPath } from '../../platform/registry/index.ts';
import { buildReport, type Report } from '../../platform/report/index.ts';
import {
  DataLock,
  type Finding,
  type GateResult,
  type ModelRecord,
} from '../../platform/schemas/index.ts';
import { type DataDiff, diffLocks, pickDatasets } from '../../platform/storage/index.ts';
import { challenge } from '../challenge.ts';
import type { ProjectContext } from '../context.ts';
import { comparableChampion } from './comparable-champion.ts';

/** Path of the report of the last experiment. */
export function reportPath(root: string, name: string): string {
  return join(root, '.mainstem', 'runs', name, 'report.json');
}

/** A candidate's report, and the gates that it was judged by. */
export interface Judgement {
  readonly report: Report;
  readonly gates: readonly GateResult[];
}

/**
 * Compares a candidate with what serves now, and writes the report where the command `report` reads it.
 *
 * @throws MainstemError STORE_CORRUPT, JSON_INVALID
 */
export async function report(
  context: ProjectContext,
  candidate: ModelRecord,
  findings: readonly Finding[],
): Promise<Judgement> {
  const { root } = context.workspace;
  const { definition } = context.project;
  const promoted = await loadPromoted(root, candidate.model);
  const champion = await comparableChampion(context, promoted);
  const { comparison, gates } = await challenge(context, candidate, champion);
  const built = buildReport({
    project: {
      name: definition.name,
      title: definition.page.title,
      task: definition.task,
      classes: candidate.classes,
    },
    candidate,
    champion,
    comparison,
    gates: [...gates],
    dataDiff: champion && (await dataDiff(context, champion)),
    findings: [...findings],
  });
  await writeJson(reportPath(root, candidate.model), built);
  return { report: built, gates };
}

/** What changed in the project's datasets since the champion; null where its lock is not in git. */
async function dataDiff(context: ProjectContext, champion: ModelRecord): Promise<DataDiff | null> {
  const before = await lockOf(context.workspace.root, champion);
  if (!before) return null;
  const names = new Set(Object.keys(champion.data));
  return diffLocks(
    context.store,
    pickDatasets(before, names),
    pickDatasets(context.lock, names),
  ).catch((error: unknown) => {
    // A fresh clone has no manifest of the champion's data; the report then says nothing about it.
    if (isMainstemError(error, 'STORE_MISSING')) return null;
    throw error;
  });
}

/** The data.lock.json of the commit that promoted the record. */
async function lockOf(root: string, { model, run }: ModelRecord): Promise<DataLock | null> {
  const path = recordPath(model, run);
  const added = await git(root, 'log', '--diff-filter=A', '--format=%H', '-1', '--', path).catch(
    () => '',
  );
  if (added === '') return null;
  const text = await fileAt(root, added, lockFile);
  return text === null ? null : parseJson(text, DataLock, `${added}:${lockFile}`);
}
