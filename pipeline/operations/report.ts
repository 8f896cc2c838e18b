import { join } from 'node:path';
import { isMainstemError } from '../../platform/lib/errors.ts';
import { fileAt, git } from '../../platform/lib/git.ts';
import { parseJson } from '../../platform/lib/json.ts';
import { writeJson } from '../../platform/lib/json-file.ts';
import { lockFile } from '../../platform/lib/layout.ts';
import { loadPromoted, recordPath } from '../../platform/registry/index.ts';
import { buildReport, type Report } from '../../platform/report/index.ts';
import { DataLock, type Finding, type ModelRecord } from '../../platform/schemas/index.ts';
import { type DataDiff, diffLocks, pickDatasets } from '../../platform/storage/index.ts';
import { challenge } from '../challenge.ts';
import { comparableChampion } from './comparable-champion.ts';
import type { Arena } from './context.ts';

/** Where the report of the last experiment lies. */
export function reportPath(root: string, name: string): string {
  return join(root, '.mainstem', 'runs', name, 'report.json');
}

/** Holds a candidate against what serves now, and leaves the report where `report` finds it. */
export async function reportCandidate(
  arena: Arena,
  candidate: ModelRecord,
  findings: readonly Finding[],
): Promise<Report> {
  const { root } = arena.workspace;
  const { definition } = arena.project;
  const promoted = await loadPromoted(root, candidate.model);
  const champion = await comparableChampion(arena, promoted);
  const { comparison, gates } = await challenge(arena, candidate, champion);
  const report = buildReport({
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
    dataDiff: champion && (await dataDiff(arena, champion)),
    findings: [...findings],
  });
  await writeJson(reportPath(root, candidate.model), report);
  return report;
}

/** What changed in the project's datasets since the champion; null where its lock is not in git. */
async function dataDiff(arena: Arena, champion: ModelRecord): Promise<DataDiff | null> {
  const before = await lockOf(arena.workspace.root, champion);
  if (!before) return null;
  const names = new Set(Object.keys(champion.data));
  return diffLocks(arena.store, pickDatasets(before, names), pickDatasets(arena.lock, names)).catch(
    (error: unknown) => {
      // A fresh clone has no manifest of the champion's data; the report then says nothing about it.
      if (isMainstemError(error, 'STORE_MISSING')) return null;
      throw error;
    },
  );
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
