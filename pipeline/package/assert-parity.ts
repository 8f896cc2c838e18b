import { MainstemError } from '../../platform/lib/errors.ts';
import type { LabelScale, PackageOutput } from '../../platform/schemas/index.ts';
import {
  type ChoiceRules,
  chooseClass,
  indexOfLargest,
  removeShift,
  toLabelScale,
} from '../../platform/transforms/index.ts';
import type { Predictions } from '../backends/index.ts';
import type { SessionResult } from '../onnx/index.ts';

/** Largest allowed difference, as a share of the scale of what is compared. */
const tolerance = 1e-5;
/** Two steps between neighbouring float32 numbers: what rounding alone does to a value of this size. */
const rounding = 2 ** -22;

/** What the answers of a network mean. */
export interface AnswerKind {
  /** The labels of the training rows of a regression; null for classes. */
  readonly targets: readonly number[] | null;
  /** What was learnt of them; left out, they themselves. */
  readonly labelScale?: LabelScale | undefined;
  /** What training added to each logit. */
  readonly priorShift?: readonly number[] | undefined;
  /** How classes are named; left out, the likeliest is. */
  readonly choice?: ChoiceRules | undefined;
}

/**
 * Compares the packaged network with the trained one, row by row, within 1e-5 of a scale: of logits the largest of their
 * row, at least 1; of a regression, as it was learnt, the deviation of its targets, or how far the answer lies from their mean if that is
 * more, and what float32 rounds away at their size; of embeddings the largest number of their row or their root mean
 * square over all rows.
 *
 * @returns `classesDiffer` counts answers that rounding decides: classes equally likely within the tolerance
 * @throws MainstemError PACKAGE_NOT_FINITE where the trained network itself has no answer, PACKAGE_PARITY
 */
export function assertParity(
  trained: Predictions,
  packaged: SessionResult,
  { targets, labelScale, priorShift, choice }: AnswerKind,
): PackageOutput['parity'] {
  assertFinite(trained);
  if (labelScale) return assertParity(...asLearnt(trained, packaged, targets, labelScale));
  const { output, outputs, embedding, embeddingSize } = trained;
  const answers = { name: targets ? 'prediction' : 'logit', group: outputs };
  const outputScale = targets ? targetScale(targets) : logitScale;
  const worst = findWorst(packaged.output, output, { ...answers, scaleOf: outputScale });
  assertWithin(worst);
  const inner = { name: 'embedding', group: embeddingSize, scaleOf: embeddingScale(embedding) };
  assertWithin(findWorst(packaged.embedding, embedding, inner));
  return {
    examples: output.length / outputs,
    maxDifference: worst.difference / worst.scale,
    classesDiffer: targets ? 0 : differentClasses(packaged.output, trained, { priorShift, choice }),
  };
}

/** The same answers as they were learnt, so that small ones are compared as closely as large ones. */
function asLearnt(
  trained: Predictions,
  packaged: SessionResult,
  targets: readonly number[] | null,
  labelScale: LabelScale,
): Parameters<typeof assertParity> {
  const learnt = (value: number) => toLabelScale(value, labelScale);
  return [
    { ...trained, output: trained.output.map(learnt) },
    { ...packaged, output: packaged.output.map(learnt) },
    { targets: targets?.map(learnt) ?? null },
  ];
}

/** Nothing is wrong with the package if the network that it is compared with overflows. */
function assertFinite({ output, outputs }: Predictions): void {
  const rows = output.length / outputs;
  const broken = Array.from({ length: rows }, (_, row) => row).filter(
    (row) => !output.subarray(row * outputs, (row + 1) * outputs).every(Number.isFinite),
  ).length;
  if (broken > 0) throw new MainstemError('PACKAGE_NOT_FINITE', { broken, rows });
}

/** What differences of a row's numbers are measured in. */
type ScaleOf = (row: Float32Array) => number;

interface Part {
  readonly name: string;
  /** How many numbers a row has. */
  readonly group: number;
  readonly scaleOf: ScaleOf;
}

/** The number that is furthest from what it should be. */
interface Worst extends Pick<Part, 'name'> {
  /** From 1, in the order of the test split. */
  readonly example: number;
  readonly trained: number;
  readonly packaged: number;
  /** Infinite for what is not a number. */
  readonly difference: number;
  readonly scale: number;
}

function logitScale(row: Float32Array): number {
  return Math.max(1, largestOf(row));
}

function targetScale(targets: readonly number[]): ScaleOf {
  const mean = targets.reduce((sum, value) => sum + value, 0) / Math.max(1, targets.length);
  const squares = targets.reduce((sum, value) => sum + (value - mean) ** 2, 0);
  // Equal targets are learnt as they are, in steps of 1.
  const deviation = Math.sqrt(squares / Math.max(1, targets.length)) || 1;
  const largest = largestOf(targets);
  return ([value = 0]) =>
    Math.max(deviation, Math.abs(value - mean)) +
    (rounding / tolerance) * Math.max(largest, Math.abs(value));
}

function embeddingScale(all: Float32Array): ScaleOf {
  const squares = all.reduce((sum, value) => sum + value * value, 0);
  const typical = Math.sqrt(squares / Math.max(1, all.length));
  return (row) => Math.max(typical, largestOf(row)) || 1;
}

function largestOf(values: Iterable<number>): number {
  let largest = 0;
  for (const value of values) largest = Math.max(largest, Math.abs(value));
  return largest;
}

function findWorst(packaged: Float32Array, trained: Float32Array, part: Part): Worst {
  const { name, group, scaleOf } = part;
  if (packaged.length !== trained.length) {
    const lengths = { trained: trained.length, packaged: packaged.length };
    const reason = `it gives ${lengths.packaged} ${name} numbers for the test split, not ${lengths.trained}`;
    throw new MainstemError('PACKAGE_PARITY', { reason });
  }
  let worst: Worst = { name, example: 1, trained: 0, packaged: 0, difference: 0, scale: 1 };
  for (let first = 0; first < trained.length; first += group) {
    const scale = scaleOf(trained.subarray(first, first + group));
    for (let at = first; at < first + group; at++) {
      const [a = Number.NaN, b = Number.NaN] = [packaged[at], trained[at]];
      const difference = Number.isNaN(a - b) ? Number.POSITIVE_INFINITY : Math.abs(a - b);
      if (difference / scale <= worst.difference / worst.scale) continue;
      worst = { name, example: first / group + 1, trained: b, packaged: a, difference, scale };
    }
  }
  return worst;
}

/** @throws MainstemError PACKAGE_PARITY */
function assertWithin({ name, example, trained, packaged, difference, scale }: Worst): void {
  if (difference <= tolerance * scale) return;
  const allowed = (tolerance * scale).toExponential(1);
  const found = `${packaged} in the package and ${trained} in training`;
  const reason = `the ${name} of test example ${example} is ${found}, they may differ by ${allowed}`;
  throw new MainstemError('PACKAGE_PARITY', { reason, maxDifference: difference / scale });
}

/** How many rows get another class: with all logits within the tolerance, two that are equally likely. */
function differentClasses(
  packaged: Float32Array,
  { output, outputs }: Predictions,
  { priorShift, choice }: Pick<AnswerKind, 'priorShift' | 'choice'>,
): number {
  const classOf = (values: Float32Array, first: number) => {
    const logits = removeShift(values.subarray(first, first + outputs), priorShift);
    return choice ? chooseClass(logits, choice) : indexOfLargest(logits);
  };
  let different = 0;
  for (let first = 0; first < output.length; first += outputs) {
    if (classOf(packaged, first) !== classOf(output, first)) different++;
  }
  return different;
}
