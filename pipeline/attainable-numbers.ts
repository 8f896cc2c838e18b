import type {
  AttainableNumbers,
  LabelScale,
  Prediction,
  PreparedRow,
} from '../platform/schemas/index.ts';
import { fromLabelScale, toLabelScale } from '../platform/transforms/index.ts';
import { chooseAsked, readMaterial } from './attainable-lesson.ts';
import {
  medianOf,
  type PreparedReader,
  predictMedian,
  type SpaceSource,
} from './embeddings/index.ts';
import { measureAttainableNumbers } from './evaluation/index.ts';

/** What a regression answered, and how it learnt. */
interface Answered {
  readonly predictions: readonly Prediction[];
  /** The column by which examples belong together. */
  readonly group: string | undefined;
  readonly scale: LabelScale | undefined;
}

/**
 * What can be had from the training rows of a regression at least: the linear model of the columns with the least absolute
 * errors, on the scale on which the model learnt, and always answering with the median.
 *
 * @returns null for too few rows, or where the store lacks what they are read from
 * @throws MainstemError STORE_CORRUPT, JSON_INVALID
 */
export async function findAttainableNumbers(
  reader: PreparedReader,
  source: SpaceSource,
  { predictions, group, scale }: Answered,
): Promise<AttainableNumbers | null> {
  const scaled = (label: string) => toLabelScale(Number(label), scale);
  const isKnown = (label: string) => Number.isFinite(scaled(label));
  const asked = chooseAsked(predictions, isKnown);
  if (!asked) return null;
  const isTaught = ({ label }: PreparedRow) => isKnown(label);
  const asking = { asked, isTaught, outputs: 1, group };
  const material = await readMaterial(reader, source, asking, 'columns');
  if (!material) return null;
  const { space, rows, learnt, half, of } = material;
  const targets = Float64Array.from(rows, ({ label }) => scaled(label));
  const answer = (some: readonly number[]) =>
    predictMedian(space, { targets, learnt: some, asked: material.asked }).map((value) =>
      fromLabelScale(value, scale),
    );
  const median = medianOf(learnt.map((row) => Number(rows[row]?.label)));
  return {
    ...{ learnt: learnt.length, of, examples: asked.length },
    ...measureAttainableNumbers({
      ...{ model: asked, median, linear: answer(learnt), half: answer(half) },
    }),
  };
}
