import { metricsFor, renderMetric } from '../platform/quality/index.ts';
import type {
  BlobStore,
  EvaluateOutput,
  GateResult,
  ModelRecord,
} from '../platform/schemas/index.ts';
import { readPredictions } from './evaluation/index.ts';

type Metrics = EvaluateOutput['metrics'];

/** Rounding of another runtime stays far below it, a changed answer on a small test split far above. */
const tolerance = 1e-4;

/** A failed gate for each metric that is stated otherwise than it was measured. */
export function checkClaims(stated: Metrics, measured: Metrics): GateResult[] {
  const found = new Map(measured.map(({ name, value }) => [name, value]));
  return stated.flatMap(({ name, value }) => {
    const here = found.get(name);
    const scale = Math.max(1, Math.abs(value));
    if (here !== undefined && Math.abs(here - value) <= tolerance * scale) return [];
    const text = here === undefined ? 'nothing' : renderMetric(name, here);
    const message = `${name} is stated as ${renderMetric(name, value)}, measured was ${text}`;
    const asked = { of: name, limit: 'as stated' };
    return [{ gate: `${name} as stated`, passed: false, message, ...asked }];
  });
}

/**
 * A failed gate for each metric of a record that its own predictions contradict. Predictions are stored by their digest, a
 * figure in a record of a stage or a model is not: it may have been damaged or edited on the way. None if the predictions
 * are not in the store; nobody can promote a record without them.
 */
export async function checkOwnClaims(store: BlobStore, record: ModelRecord): Promise<GateResult[]> {
  const { evaluation, task, classes } = record;
  if (!(await store.has(evaluation.predictions.digest))) return [];
  const rows = await readPredictions(store, evaluation.predictions);
  const examples = rows.filter(
    ({ split, label }) => split === 'test' && (classes.length === 0 || classes.includes(label)),
  );
  const facts = { examples, classes, outOfDistribution: null };
  const metrics = metricsFor(task, false);
  const measured = metrics.flatMap((metric) => {
    const value = metric.measure(facts);
    return value === null ? [] : [{ name: metric.name, value, better: metric.better }];
  });
  const decided = new Set(metrics.map(({ name }): string => name));
  return checkClaims(
    evaluation.metrics.filter(({ name }) => decided.has(name)),
    measured,
  );
}
