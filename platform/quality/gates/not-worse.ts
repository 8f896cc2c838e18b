import { Type } from 'typebox';
import { Check } from 'typebox/value';
import { plural } from '../../lib/plural.ts';
import { renderDifference, renderPoints, renderRelative } from '../../lib/render-number.ts';
import type { Comparison, GateResult, MetricComparison } from '../../schemas/index.ts';
import { accuracy } from '../metrics/accuracy.ts';
import { findMetric } from '../metrics/index.ts';
import type { QualityMetric } from '../metrics/metric.ts';
import { fewestForMeans } from '../statistics/fewest-for-means.ts';
import { defineGate, type HeldBackFacts } from './gate.ts';
import { checkMetric } from './metric-limit.ts';

/** Non-inferiority: the interval of the difference must not reach a loss of the margin. */
export const notWorse = defineGate({
  name: 'not worse',
  sentence:
    'On the test examples that both answered and the champion has not learnt from, the 95 % interval of candidate − champion ends before a loss of the margin; the first model passes, so does the very model that serves, and one that cannot be compared fails. Metrics but the accuracy need 60 examples; a model that answers all of them the same needs so many that fewer than the margin would differ (72 for 0.05).',
  schema: Type.Object(
    {
      metric: Type.String({ description: 'a metric that the test examples decide' }),
      notWorseBy: Type.Number({
        minimum: 0,
        description:
          'the loss that is still accepted: 0.05 is 5 percentage points of a share, or 5 % of what any other metric of the champion is',
      }),
    },
    { additionalProperties: false },
  ),
  example: { metric: accuracy.name, notWorseBy: 0.05 },
  check: ({ metric }, scope) => checkMetric(metric, scope),
  judge: ({ metric, notWorseBy }, { champion, comparison, incomparable }) => {
    const asked = {
      gate: `${metric} not worse`,
      of: metric,
      limit: renderLoss(findMetric(metric), notWorseBy),
    };
    if (incomparable !== null) {
      return { ...asked, passed: false, message: `cannot be compared: ${incomparable}` };
    }
    if (!champion) return { ...asked, passed: true, message: 'no champion yet' };
    if (comparison?.sameModel) return { ...asked, passed: true, message: 'the model that serves' };
    if (!comparison || comparison.examples === 0) {
      return { ...asked, ...explainNothing(comparison) };
    }
    return { ...asked, ...judgeNotWorse(metric, notWorseBy, comparison) };
  },
  judgeHeldBack: ({ metric, notWorseBy }, facts) => {
    const asked = {
      ...{ gate: `${metric} not worse`, of: metric },
      limit: renderLoss(findMetric(metric), notWorseBy),
    };
    return { ...asked, ...judgeLoss(metric, notWorseBy, facts) };
  },
});

/**
 * Whether a gate says how much worse than the champion a model may be by the metric that decides about the verdict. No limit of
 * another metric implies one of it: probabilities may become better while more answers become wrong.
 */
export function limitsLoss(gates: readonly unknown[]): boolean {
  return gates.some(
    (gate) => Check(notWorse.schema, gate) && findMetric(gate.metric)?.primary === true,
  );
}

/** Passes only where the interval leaves out a loss of the margin, by enough examples. */
function judgeNotWorse(metric: string, margin: number, comparison: Comparison): Judgement {
  const { examples, same, metrics } = comparison;
  const shared = plural(examples, 'shared example');
  const fewest = metric === accuracy.name ? 1 : fewestForMeans;
  if (same) return judgeSame(shared, examples, Math.max(fewest, sameNeeded(margin)));
  const [found, known] = [metrics.find(({ name }) => name === metric), findMetric(metric)];
  if (!found || !known || found.low === null || found.high === null) {
    return { passed: false, message: `there is no interval of "${metric}"` };
  }
  if (examples < fewest) {
    return { passed: false, message: `cannot tell: ${shared}, and ${fewest} are needed` };
  }
  const interval = { ...found, low: found.low, high: found.high };
  const { lost, ...judged } = judgeDifference(known, margin, interval, examples);
  return judged;
}

function judgeSame(shared: string, examples: number, needed: number): Judgement {
  const passed = examples >= needed;
  const message = `the same answers to ${shared}`;
  if (passed) return { passed, message };
  const missing = Number.isFinite(needed) ? `${needed} are needed` : 'no number rules out a loss';
  return { passed, message: `cannot tell: ${message}, and ${missing}` };
}

/**
 * How many examples two models must answer the same before it is shown that they differ in less than the margin: if they differed
 * in that share, so many equal answers would come up in 2.5 % of cases.
 */
function sameNeeded(margin: number): number {
  if (margin >= 1) return 1;
  return margin === 0 ? Infinity : Math.ceil(Math.log(0.025) / Math.log1p(-margin));
}

/** Fails only for a loss that is shown to exceed the margin. */
function judgeLoss(
  metric: string,
  margin: number,
  { comparison, incomparable }: HeldBackFacts,
): Judgement {
  if (incomparable !== null) return { passed: true, message: `cannot tell: ${incomparable}` };
  if (!comparison) return { passed: true, message: 'no champion yet' };
  const { examples, seen } = comparison;
  const [found, known] = [
    comparison.metrics.find(({ name }) => name === metric),
    findMetric(metric),
  ];
  if (!found || !known || found.low === null || found.high === null) {
    const message = `cannot tell: ${examples} held-back examples are shared, ${seen} were left out`;
    return { passed: true, message };
  }
  const interval = { ...found, low: found.low, high: found.high };
  const { lost, message } = judgeDifference(known, margin, interval, examples);
  const tells = metric === accuracy.name || examples >= fewestForMeans;
  return {
    passed: !(lost && tells),
    message: lost && !tells ? `cannot tell: ${message}` : message,
  };
}

/** The greatest loss that is accepted, as a limit of the difference. */
function renderLoss(metric: QualityMetric | undefined, loss: number): string {
  const signed = metric?.better === 'lower' ? loss : -loss;
  const limit = metric?.format === 'share' ? renderPoints(signed) : renderRelative(signed);
  return `Δ ${metric?.better === 'lower' ? '<' : '>'} ${limit}`;
}

type Judgement = Pick<GateResult, 'passed' | 'message'>;

function explainNothing(comparison: Comparison | null): Judgement {
  const message = comparison?.seen
    ? `cannot tell: the champion was trained on all ${comparison.seen} test examples`
    : 'cannot tell: champion and candidate share no test example';
  return { passed: false, message };
}

function judgeDifference(
  { name, better, format }: QualityMetric,
  margin: number,
  found: MetricComparison & { readonly low: number; readonly high: number },
  examples: number,
): Judgement & { readonly lost: boolean } {
  const { champion, difference, low, high } = found;
  // Of a share the margin is in points, of anything else a share of what the champion has.
  const unit = format === 'share' ? 1 : Math.abs(champion);
  const render = renderIn(format, unit);
  const loss = margin * unit;
  const limit = better === 'higher' ? -loss : loss;
  const [worst, best] = better === 'higher' ? [-low, -high] : [high, low];
  const judgement =
    worst < loss
      ? `better than ${render(limit)}`
      : best > loss
        ? `worse than ${render(limit)}`
        : `${examples} shared examples cannot rule out ${render(limit)}${renderNeeded(examples, (high - low) / 2 / loss)}`;
  const interval = `95 % ${render(low)} to ${render(high)}`;
  return {
    passed: worst < loss,
    lost: best > loss,
    message: `${name} ${render(difference)}, ${interval}: ${judgement}`,
  };
}

/** A difference in points, as a share of what the champion has, or in the metric's own unit where that is nothing. */
function renderIn(format: QualityMetric['format'], unit: number): (value: number) => string {
  if (format === 'share') return renderPoints;
  return unit === 0 ? renderDifference : (value) => renderRelative(value / unit);
}

/** How many examples would make the interval narrower than the margin. @param ratio its half width over the margin */
function renderNeeded(examples: number, ratio: number): string {
  const needed = Math.ceil((examples * ratio ** 2) / 10) * 10;
  if (ratio < 1 || !Number.isFinite(needed)) return '';
  return `; a model that is as good needs about ${needed}`;
}
