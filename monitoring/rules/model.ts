import { normalQuantile } from '../../platform/quality/index.ts';
import type { Objectives } from '../define-objectives.ts';
import { metrics, mostSlices } from '../metrics.ts';
import {
  maxBy,
  on,
  type RecordingRule,
  served,
  stateOf,
  sumBy,
  wilsonHigh,
  wilsonLow,
} from '../promql.ts';
import { recorded } from './recorded.ts';

/** Of a 95 % interval. */
const z95 = normalQuantile(0.975);
const reference = ({ name }: { readonly name: string }) => maxBy(served, name);

/** What the model answers, compared with its answers to the reference data and with what people say. */
export function modelRules(objectives: Objectives): RecordingRule[] {
  return [
    {
      record: recorded.serving,
      expression: maxBy(served, `${metrics.modelInfo.name}{role!~"canary|shadow"}`),
    },
    ...answerRules(objectives),
    ...confidenceRules(objectives),
    ...refusalRules(objectives),
    ...feedbackRules(objectives),
    ...sliceRules(objectives),
  ];
}

/**
 * The increase of a counter summed over replicas, of versions that are served now: what an earlier one answered would
 * stay in the window for as long as the window is.
 */
export function counted(labels: readonly string[], selector: string, window: string): string {
  const sum = sumBy(labels, `increase(${selector}[${window}])`);
  return `${sum} and ${on(served)} ${recorded.serving.name}`;
}

function answerRules({ window }: Objectives): RecordingRule[] {
  const { predictions, accepted, answered, classShare } = recorded;
  const ofAccepted = `${predictions.name}{accepted="true"}`;
  return [
    {
      record: predictions,
      expression: counted(predictions.labels, metrics.predictions.name, window),
    },
    { record: answered, expression: sumBy(served, predictions.name) },
    { record: accepted, expression: sumBy(served, ofAccepted) },
    {
      record: classShare,
      expression: `${sumBy(classShare.labels, ofAccepted)} / ${on(served)} group_left () (${accepted.name} > 0)`,
    },
  ];
}

/** A value in [0, 1] with mean m has a variance of at most m · (1 − m). */
function confidenceRules({ window, ...objectives }: Objectives): RecordingRule[] {
  const { confidence, confidenceNoise, accepted } = recorded;
  const { name } = metrics.confidence;
  const part = (suffix: string) => counted(served, `${name}_${suffix}`, window);
  const expected = reference(metrics.referenceConfidence);
  const samples = reference(metrics.referenceSamples);
  const z = normalQuantile(1 - objectives.falseAlarms);
  const noise =
    `${z} * sqrt(${expected} * (1 - ${expected}) * ` +
    `(1 / (${accepted.name} > 0) + 1 / ${samples}))`;
  const drop = `clamp_min(${confidenceNoise.name}, ${objectives.confidenceDrop})`;
  const bad = `${expected} - ${confidence.name} > bool ${drop}`;
  return [
    { record: confidence, expression: `(${part('sum')}) / ((${part('count')}) > 0)` },
    { record: confidenceNoise, expression: noise },
    {
      record: recorded.confidenceState,
      expression: stateOf({
        bad,
        count: accepted.name,
        fewest: objectives.fewestInputs,
        reference: expected,
      }),
    },
  ];
}

function refusalRules({ window, ...objectives }: Objectives): RecordingRule[] {
  const { refused, refusedShare, refusedLow, answered } = recorded;
  const z = normalQuantile(1 - objectives.falseAlarms);
  const most = `(${reference(metrics.referenceRefused)} + ${objectives.refusalRise})`;
  return [
    { record: refused, expression: counted(served, metrics.refused.name, window) },
    { record: refusedShare, expression: `${refused.name} / (${answered.name} > 0)` },
    { record: refusedLow, expression: wilsonLow(refused.name, answered.name, z) },
    {
      record: recorded.refusedState,
      expression: stateOf({
        bad: `${refusedLow.name} > bool ${most}`,
        count: answered.name,
        fewest: objectives.fewestInputs,
        reference: most,
      }),
    },
  ];
}

/**
 * People report wrong answers and pass right ones by, so accuracy among what they judge says little. What corrections
 * prove is that at least so many of all answers were wrong.
 */
function feedbackRules({ feedbackWindow, ...objectives }: Objectives): RecordingRule[] {
  const { wrong, judged, answeredLong, wrongLow } = recorded;
  const { name } = metrics.feedback;
  const right = `(${judged.name} - ${wrong.name})`;
  const most = `(1 - ${reference(metrics.referenceAccuracy)} + ${objectives.accuracyDrop})`;
  const z = normalQuantile(1 - objectives.falseAlarms);
  return [
    { record: wrong, expression: counted(served, `${name}{correct="false"}`, feedbackWindow) },
    { record: judged, expression: counted(served, name, feedbackWindow) },
    {
      record: answeredLong,
      expression: counted(served, metrics.predictions.name, feedbackWindow),
    },
    { record: wrongLow, expression: wilsonLow(wrong.name, answeredLong.name, z) },
    { record: recorded.judgedAccuracy, expression: `${right} / (${judged.name} > 0)` },
    { record: recorded.judgedLow, expression: wilsonLow(right, judged.name, z95) },
    { record: recorded.judgedHigh, expression: wilsonHigh(right, judged.name, z95) },
    {
      record: recorded.qualityState,
      expression: stateOf({
        bad: `${wrongLow.name} > bool ${most}`,
        count: answeredLong.name,
        fewest: objectives.fewestInputs,
        reference: most,
      }),
    },
  ];
}

/**
 * Whether the model is worse in a slice than its test split promised. People report wrong answers and pass right ones by, in every
 * slice: so a slice is also held against all that people judged, and only what is below both is worse.
 */
function sliceRules({ feedbackWindow, ...objectives }: Objectives): RecordingRule[] {
  const { sliceWrong, sliceJudged, sliceHigh, sliceExpected, judgedAccuracy } = recorded;
  const { labels } = sliceJudged;
  const { name } = metrics.sliceFeedback;
  const right = `(${sliceJudged.name} - ${sliceWrong.name})`;
  const z = normalQuantile(1 - objectives.falseAlarms / mostSlices);
  const promised = maxBy(labels, metrics.referenceSlices.name);
  const all = `${on(served)} group_left () ${judgedAccuracy.name}`;
  const wrong = `${name}{correct="false"}`;
  return [
    { record: sliceWrong, expression: counted(labels, wrong, feedbackWindow) },
    { record: sliceJudged, expression: counted(labels, name, feedbackWindow) },
    { record: recorded.sliceAccuracy, expression: `${right} / (${sliceJudged.name} > 0)` },
    { record: recorded.sliceLow, expression: wilsonLow(right, sliceJudged.name, z) },
    { record: sliceHigh, expression: wilsonHigh(right, sliceJudged.name, z) },
    {
      record: sliceExpected,
      expression: `(${promised} < ${all}) or (${sliceJudged.name} * 0 + ${all})`,
    },
    {
      record: recorded.sliceState,
      expression: stateOf({
        bad: `${sliceHigh.name} < bool ${sliceExpected.name} - ${objectives.accuracyDrop}`,
        count: sliceJudged.name,
        fewest: objectives.fewestJudged,
        reference: sliceJudged.name,
      }),
    },
  ];
}
