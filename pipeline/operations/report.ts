import { dirname, join } from 'node:path';
import { writeCards } from '../../platform/cards/index.ts';
import { writeJson } from '../../platform/lib/json-file.ts';
import { pointerPath, readableRecords } from '../../platform/registry/index.ts';
import type { Report } from '../../platform/report/index.ts';
import type { Finding, GateResult, ModelRecord } from '../../platform/schemas/index.ts';
import { challenge } from '../challenge.ts';
import type { ProjectContext } from '../context.ts';
import { measureCertainty, readPredictions } from '../evaluation/index.ts';
import { examine } from '../examine.ts';
import { seedNoise } from '../seed-noise.ts';
import { countTrials, readStageRecords, type Trials } from '../trials.ts';
import { buildProjectReport } from './build-project-report.ts';
import { comparableChampion } from './comparable-champion.ts';
import { costOf } from './cost-of.ts';
import { loadServing } from './load-serving.ts';

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
 * Compares a candidate with what serves now, and writes the report where the command `report` reads it, with the candidate's
 * card, bill of materials and lineage beside it.
 *
 * @throws MainstemError STORE_CORRUPT, JSON_INVALID
 */
export async function report(
  context: ProjectContext,
  candidate: ModelRecord,
  findings: readonly Finding[],
): Promise<Judgement> {
  const { root, reporter } = context.workspace;
  const { promoted, fault } = await loadServing(context, 'production', candidate.run);
  if (fault !== null) reporter.warn(renderFault(candidate.model, fault));
  const champion = await comparableChampion(context, promoted);
  const trials = await trialsOf(context, candidate, champion.record);
  const { comparison, gates, incomparable, validation } = await challenge(
    context,
    candidate,
    champion,
    trials.candidates,
  );
  const predictions = await readPredictions(context.store, candidate.evaluation.predictions);
  const certainty = measureCertainty(predictions, candidate);
  const built = await buildProjectReport(context, {
    candidate,
    champion: champion.record,
    ...{ comparison, incomparable, validation, trials, gates, findings, certainty },
    seeds: seedNoise(context, { candidate, champion: champion.record, predictions, comparison }),
    cost: await costOf(context.store, candidate),
    ...(await examine(context, candidate, predictions, champion.record)),
  });
  await writeJson(reportPath(root, candidate.model), built);
  const { intervals } = certainty;
  await writeCards(dirname(reportPath(root, candidate.model)), candidate, context.lock, {
    intervals,
  });
  return { report: built, gates };
}

async function trialsOf(
  { workspace, project, store }: ProjectContext,
  candidate: ModelRecord,
  champion: ModelRecord | null,
): Promise<Trials> {
  return countTrials({
    ...{ candidate, champion },
    dataset: project.definition.data.name,
    records: await readableRecords(workspace.root, candidate.model),
    stages: await readStageRecords(store, candidate.model),
  });
}

function renderFault(model: string, fault: string): string {
  const path = pointerPath(model, 'production');
  return `${path} is not what HEAD has, and does not count: ${fault}. "promote" refuses to go on from it.`;
}
