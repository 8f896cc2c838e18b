import { canonicalJson } from '../platform/lib/canonical-json.ts';
import { digestJson } from '../platform/lib/hash.ts';
import { plural } from '../platform/lib/plural.ts';
import { printable } from '../platform/lib/printable.ts';
import { renderNumber, renderPercent } from '../platform/lib/render-number.ts';
import { abbreviate } from '../platform/lib/text.ts';
import { classQuality, confusionOf, metricsFor } from '../platform/quality/index.ts';
import type {
  BlobStore,
  EvaluateOutput,
  GateResult,
  ModelRecord,
  OutOfDistribution,
  Prediction,
  Proportion,
  SliceResult,
} from '../platform/schemas/index.ts';
import { type Claim, compareClaims, denyClaim, metricClaim } from './check-claims.ts';
import { checkSeeds } from './check-seeds.ts';
import { measureRefusal, readPredictions, sliceResults } from './evaluation/index.ts';
import { readIndex } from './prepare/index.ts';
import { readSlices } from './read-slices.ts';

/**
 * A failed gate for each number of a record that its own predictions contradict: metrics, what is said of classes, slices and
 * refusal; and for preprocessing that is not that of its prepared data. Predictions are stored by their digest, a figure in a
 * record of a stage or a model is not: it may have been damaged or edited on the way. None if the predictions are not in the
 * store; nobody can promote a record without them.
 *
 * @param columns by which the project slices; only looked at where the record's prepared data is in the store
 */
export async function checkOwnClaims(
  store: BlobStore,
  record: ModelRecord,
  columns: readonly string[] = [],
): Promise<GateResult[]> {
  const { evaluation } = record;
  if (!(await store.has(evaluation.predictions.digest))) return [];
  const predictions = await readPredictions(store, evaluation.predictions);
  const rows = sortPredictions(record, predictions);
  const refusal = measureAgain(rows, evaluation.outOfDistribution);
  return [
    ...checkMetrics(record, rows, refusal),
    ...compareClaims(
      classClaims(evaluation.perClass, evaluation.confusion),
      measuredClasses(record, rows),
    ),
    ...(await checkSlices(store, record, { rows, columns })),
    ...compareClaims(refusalClaims(evaluation.outOfDistribution), refusalClaims(refusal)),
    ...checkThreshold(evaluation.outOfDistribution, rows),
    ...(await checkPreprocessing(store, record)),
    ...checkSeeds(record, predictions),
  ];
}

/** The server encodes by the record, the numbers are of rows as the prepared data says: both must say the same. */
async function checkPreprocessing(
  store: BlobStore,
  { prepared, preprocessing }: ModelRecord,
): Promise<GateResult[]> {
  if (!(await store.has(prepared.index.digest))) return [];
  const fitted = (await readIndex(store, prepared)).preprocessing;
  if (canonicalJson(fitted) === canonicalJson(preprocessing)) return [];
  const claim = { name: 'preprocessing', values: [], text: abbreviate(digestJson(preprocessing)) };
  return [denyClaim(claim, `${abbreviate(digestJson(fitted))} of the prepared data`)];
}

/** Predictions by what they are used for. */
interface SortedPredictions {
  readonly all: readonly Prediction[];
  readonly validation: readonly Prediction[];
  readonly test: readonly Prediction[];
  /** Of the out-of-distribution set. */
  readonly outliers: readonly Prediction[];
}

/** Those of the project's own data are stored before those of the out-of-distribution set. */
function sortPredictions({ classes }: ModelRecord, all: readonly Prediction[]): SortedPredictions {
  const own = all.filter(({ dataset }) => dataset === all[0]?.dataset);
  const known = own.filter(({ label }) => classes.length === 0 || classes.includes(label));
  return {
    all,
    validation: known.filter(({ split }) => split === 'validation'),
    test: known.filter(({ split }) => split === 'test'),
    outliers: all.filter(({ dataset, split }) => dataset !== all[0]?.dataset && split === 'test'),
  };
}

/** Refusal as it is measured with the threshold that the record states. */
function measureAgain(
  { validation, test, outliers }: SortedPredictions,
  stated: OutOfDistribution | null,
): OutOfDistribution | null {
  if (!stated) return null;
  const { threshold } = stated;
  const scores = { inliers: test.map(scoreOf), outliers: outliers.map(scoreOf) };
  const passing = validation.filter(({ score }) => score >= threshold).length;
  const acceptance = validation.length === 0 ? stated.acceptance : passing / validation.length;
  return { ...stated, acceptance, ...measureRefusal(scores, threshold) };
}

function scoreOf({ score }: Prediction): number {
  return score;
}

/** Metrics that only another version knows are left alone. */
function checkMetrics(
  { evaluation, task, classes }: ModelRecord,
  { test }: SortedPredictions,
  outOfDistribution: OutOfDistribution | null,
): GateResult[] {
  const metrics = metricsFor(task, true);
  const measured = metrics.flatMap(({ name, measure }) => {
    const value = measure({ examples: test, classes, outOfDistribution });
    return value === null ? [] : [metricClaim({ name, value })];
  });
  const decided = new Set(metrics.map(({ name }): string => name));
  const stated = evaluation.metrics.filter(({ name }) => decided.has(name));
  return compareClaims(stated.map(metricClaim), measured);
}

function measuredClasses({ classes }: ModelRecord, { test }: SortedPredictions): Claim[] {
  const confusion = confusionOf(test, classes);
  return classClaims(classQuality(confusion, classes), confusion);
}

function classClaims(
  perClass: EvaluateOutput['perClass'],
  confusion: EvaluateOutput['confusion'],
): Claim[] {
  return perClass.map(({ class: name, precision, recall, f1, count }, at) => {
    const named = confusion[at] ?? [];
    const shares = `precision ${renderPercent(precision)}, recall ${renderPercent(recall)}`;
    return {
      name: `class ${printable(name)}`,
      values: [precision, recall, f1, count, ...named],
      text: `${shares} of ${plural(count, 'example')}, named ${named.join(', ')}`,
    };
  });
}

async function checkSlices(
  store: BlobStore,
  { evaluation, prepared, classes }: ModelRecord,
  { rows, columns }: { readonly rows: SortedPredictions; readonly columns: readonly string[] },
): Promise<GateResult[]> {
  if (!(await store.has(prepared.index.digest))) return [];
  const sliced = await readSlices(store, prepared, columns);
  if (!sliced) return [];
  const examples = rows.test.map(({ id, label, predicted, probabilities }) => {
    return { row: { label, metadata: sliced.metadata.get(id) ?? {} }, predicted, probabilities };
  });
  const measured = sliceResults(examples, columns, classes.length === 0).map(sliceClaim);
  const stated = evaluation.slices.map(sliceClaim);
  const names = new Set(stated.map(({ name }) => name));
  const unsaid = measured.filter(({ name }) => !names.has(name));
  return [
    ...compareClaims(stated, measured),
    ...unsaid.map(({ name, text }) => denyClaim({ name, values: [], text: 'nothing' }, text)),
  ];
}

function sliceClaim({ slice, value, accuracy, error, errorSpread, count }: SliceResult): Claim {
  const numbers = [accuracy?.value, accuracy?.low, accuracy?.high, accuracy?.count, error];
  const spread = [errorSpread?.deviation, errorSpread?.low, errorSpread?.high];
  const text = accuracy ? renderPercent(accuracy.value) : renderNumber(error ?? Number.NaN);
  return {
    name: `slice ${printable(slice)}=${printable(value)}`,
    values: [count, ...[...numbers, ...spread].filter((number) => typeof number === 'number')],
    text: `${text} of ${plural(count, 'example')}`,
  };
}

/** Nothing is said of what an earlier version did not measure. */
function refusalClaims(refusal: OutOfDistribution | null): Claim[] {
  if (!refusal) return [];
  const { acceptance, accepted, auroc, fpr95, refused } = refusal;
  return [
    shareClaim('accepted share of validation', acceptance),
    ...(accepted ? [proportionClaim('accepted share of test', accepted)] : []),
    shareClaim('AUROC of refusal', auroc),
    shareClaim('FPR95 of refusal', fpr95),
    proportionClaim('refused share of the out-of-distribution set', refused),
  ];
}

function shareClaim(name: string, share: number | null): Claim {
  if (share === null) return { name, values: [], text: 'nothing' };
  return { name, values: [share], text: renderPercent(share) };
}

function proportionClaim(name: string, proportion: Proportion | null): Claim {
  if (!proportion) return { name, values: [], text: 'nothing' };
  const { value, low, high, count } = proportion;
  const text = `${renderPercent(value)} of ${plural(count, 'example')}`;
  return { name, values: [value, low, high, count], text };
}

/** The threshold decided which answers were refused, and those are stored. */
function checkThreshold(
  refusal: OutOfDistribution | null,
  { all }: SortedPredictions,
): GateResult[] {
  const isAccepted = ({ score }: Prediction) => !refusal || score >= refusal.threshold;
  const other = all.filter((row) => row.accepted !== isAccepted(row)).length;
  if (other === 0) return [];
  const text = refusal ? renderNumber(refusal.threshold) : 'none';
  const claim = { name: 'threshold of refusal', values: [], text };
  return [denyClaim(claim, `that ${plural(other, 'answer')} would be decided otherwise`)];
}
