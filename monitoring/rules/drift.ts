import { normalTailRatio } from '../../platform/quality/index.ts';
import type { Objectives } from '../define-objectives.ts';
import { answerProperty, metrics, missingBin } from '../metrics.ts';
import { maxBy, on, type RecordingRule, served, stateOf, sumBy } from '../promql.ts';
import { counted } from './model.ts';
import { recorded } from './recorded.ts';

const ofProperty = recorded.inputs.labels;
const ofBin = recorded.inputBins.labels;
const perProperty = `${on(ofProperty)} group_left ()`;

/**
 * The stability index of every property and of the answers against the reference, its sampling noise, and a verdict.
 * The same numbers as `stabilityIndex` and `stabilityBound`: counts are summed over replicas before any logarithm, and
 * the chance of a false alarm is that of the model, divided by its properties (Bonferroni).
 *
 * @see docs/decisions/0018-rules-and-alerts-in-typescript.md
 */
export function driftRules(objectives: Objectives): RecordingRule[] {
  return [
    ...countRules(objectives),
    ...indexRules(),
    ...noiseRules(objectives),
    verdict(objectives),
  ];
}

function countRules({ window }: Objectives): RecordingRule[] {
  const { inputBins, inputs, bins, referenceCount } = recorded;
  const known = `${metrics.inputBins.name}{bin!="${missingBin}"}`;
  const answers = `${recorded.predictions.name}{accepted="true"}`;
  const samples = maxBy(served, metrics.referenceSamples.name);
  const accepted = `${samples} * (1 - ${maxBy(served, metrics.referenceRefused.name)})`;
  const inputCounts = counted(ofBin, known, window);
  const answerCounts = asBins(sumBy([...served, 'class'], answers));
  const inputCount = `count by (${ofProperty.join(', ')}) (${ratios})`;
  const classCount = asAnswers(`count by (${served.join(', ')}) (${classRatios})`);
  const ofInputs = `${bins.name}{property!="${answerProperty}"} * 0 + ${on(served)} group_left () ${samples}`;
  return [
    { record: inputBins, expression: `(${inputCounts}) or ${answerCounts}` },
    { record: inputs, expression: sumBy(ofProperty, inputBins.name) },
    { record: bins, expression: `${inputCount} or ${classCount}` },
    { record: referenceCount, expression: `(${ofInputs}) or ${asAnswers(accepted)}` },
  ];
}

const ratios = maxBy(ofBin, metrics.referenceBins.name);
const classRatios = maxBy([...served, 'class'], metrics.referenceClasses.name);

function indexRules(): RecordingRule[] {
  const { inputBins, inputs, bins, referenceCount, liveShare, expectedShare } = recorded;
  const half = `${bins.name} / 2`;
  const smooth = (counts: string, all: string) =>
    `(${counts} + 0.5) / ${perProperty} (${all} + ${half})`;
  const expected = (shares: string) =>
    smooth(`${shares} * ${perProperty} ${referenceCount.name}`, referenceCount.name);
  const [live, then] = [liveShare.name, expectedShare.name];
  return [
    { record: liveShare, expression: smooth(inputBins.name, inputs.name) },
    { record: expectedShare, expression: expected(`(${ratios} or ${asBins(classRatios)})`) },
    {
      record: recorded.stability,
      expression: sumBy(ofProperty, `(${live} - ${then}) * ln(${live} / ${then})`),
    },
    {
      record: recorded.distance,
      expression: sumBy(ofProperty, `abs(${live} - ${then}) / 2`),
    },
  ];
}

function noiseRules({ falseAlarms }: Objectives): RecordingRule[] {
  const { bins, inputs, referenceCount, tailRoot, tailQuantile, chiSquare } = recorded;
  const properties = `count by (${served.join(', ')}) (${bins.name})`;
  const { above, below } = normalTailRatio;
  const quotient = `${polynomial(above, tailRoot.name)} / ${polynomial(below, tailRoot.name)}`;
  const degrees = `(${bins.name} - 1)`;
  const part = `(2 / (9 * ${degrees}))`;
  const z = `${on(served)} group_left () ${tailQuantile.name}`;
  return [
    { record: tailRoot, expression: `sqrt(ln(${properties} / ${falseAlarms})) - 1.6` },
    { record: tailQuantile, expression: quotient },
    {
      record: chiSquare,
      expression: `${degrees} * (1 - ${part} + sqrt(${part}) * ${z}) ^ 3`,
    },
    {
      record: recorded.noise,
      expression: `${chiSquare.name} * (1 / clamp_min(${inputs.name}, 1) + 1 / ${referenceCount.name})`,
    },
  ];
}

function verdict({ drift, fewestInputs }: Objectives): RecordingRule {
  const { stability, noise, inputs, bins, driftState } = recorded;
  const bad = `${stability.name} > bool clamp_min(${noise.name}, ${drift})`;
  return {
    record: driftState,
    expression: stateOf({ bad, count: inputs.name, fewest: fewestInputs, reference: bins.name }),
  };
}

/** Classes as the bins of one more property. */
function asBins(classes: string): string {
  const renamed = `label_replace(${classes}, "bin", "$1", "class", "(.*)")`;
  return sumBy(ofBin, asAnswers(renamed));
}

function asAnswers(expression: string): string {
  return `label_replace(${expression}, "property", "${answerProperty}", "", "")`;
}

/** Horner's scheme, the constant first. */
function polynomial(coefficients: readonly number[], x: string): string {
  const [constant = 0, ...rest] = coefficients;
  if (rest.length === 0) return String(constant);
  return `(${constant} + ${x} * ${polynomial(rest, x)})`;
}
