import { join } from 'node:path';
import { writeJson } from '../../platform/lib/json-file.ts';
import { loadPromoted } from '../../platform/registry/index.ts';
import { buildReport, type Report } from '../../platform/report/index.ts';
import type { Finding, GateResult, ModelRecord } from '../../platform/schemas/index.ts';
import { analyse } from '../analyse.ts';
import { challenge } from '../challenge.ts';
import type { ProjectContext } from '../context.ts';
import { readPredictions } from '../evaluation/index.ts';
import { comparableChampion } from './comparable-champion.ts';
import { costOf } from './cost-of.ts';
import { dataSince } from './data-since.ts';
import { reviewSince } from './review-since.ts';

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
  const predictions = await readPredictions(context.store, candidate.evaluation.predictions);
  const built = buildReport({
    project: {
      name: definition.name,
      title: definition.page.title,
      task: definition.task,
      classes: candidate.classes,
    },
    candidate,
    champion: champion.record,
    incomparable: champion.incomparable,
    comparison,
    slices: definition.slices,
    gates: [...gates],
    dataDiff: champion.record && (await dataSince(context, champion.record)),
    review: champion.record && (await reviewSince(context, champion.record)),
    findings: [...findings],
    cost: await costOf(context.store, candidate),
    analysis: await analyse(context, candidate, predictions),
  });
  await writeJson(reportPath(root, candidate.model), built);
  return { report: built, gates };
}
