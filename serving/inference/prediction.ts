import type { FilledRow } from '../../platform/features/index.ts';
import { ownValue } from '../../platform/lib/own-value.ts';
import type { Decision } from '../../platform/transforms/index.ts';
import type { Predicted, Result } from '../schemas.ts';
import type { AnsweringModel } from './models.ts';

/** What an answer says about its row. */
export interface RowFacts {
  readonly unknown: readonly string[];
  /** The columns without a value that the model knows, those of `unknown` among them. */
  readonly blank: readonly string[];
  /** Null for a model that looks none up. */
  readonly features: FilledRow['features'] | null;
}

/**
 * Turns a model's decisions into the body of a prediction response, one result per decision, in the same order.
 *
 * @param rows for each row the columns with a category that training never saw, and where its features come from; none for
 *   photos.
 */
export function buildPrediction(
  model: AnsweringModel,
  decisions: readonly Decision[],
  rows: readonly RowFacts[] = [],
): Predicted {
  return {
    model: model.name,
    version: model.version,
    digest: model.pointer.record,
    results: decisions.map((decision, index) => ({
      ...buildResult(model, decision, rows[index]?.blank ?? []),
      unknown: [...(rows[index]?.unknown ?? [])],
      ...(rows[index]?.features && { features: { ...rows[index].features } }),
    })),
  };
}

function buildResult(
  { record }: AnsweringModel,
  decision: Decision,
  blank: readonly string[],
): Omit<Result, 'unknown' | 'features'> {
  const { predicted, probabilities, score, accepted } = decision;
  const common = {
    accepted,
    refusal: accepted
      ? null
      : { reason: 'out-of-distribution', message: record.page.refusal, blank: [...blank] },
    score,
    threshold: record.evaluation.outOfDistribution?.threshold ?? null,
  };
  if (record.task === 'tabular-regression') {
    const value = probabilities[0] ?? 0;
    const label = value.toLocaleString('en', { maximumSignificantDigits: 4 });
    return { class: null, label, value, probability: null, probabilities: {}, ...common };
  }
  return {
    class: predicted,
    label: ownValue(record.page.classes, predicted) ?? predicted,
    value: null,
    probability: probabilities[record.classes.indexOf(predicted)] ?? 0,
    probabilities: Object.fromEntries(
      record.classes.map((name, index) => [name, probabilities[index] ?? 0]),
    ),
    ...common,
  };
}
