import type { Attainable, ModelRecord, Prediction } from '../platform/schemas/index.ts';
import { chooseAsked, type LinearMaterial, readMaterial } from './attainable-lesson.ts';
import { findAttainableNumbers } from './attainable-numbers.ts';
import { type PreparedReader, predictLinearly, type SpaceSource } from './embeddings/index.ts';
import { type LinearAnswers, measureAttainable } from './evaluation/index.ts';

const spaces = ['features', 'columns', 'pixels'] as const;

/** A model whose examples are at hand. */
export type AttainedBy = SpaceSource &
  Pick<ModelRecord, 'classes'> & {
    readonly training: Pick<ModelRecord['training'], 'labelScale'>;
  };

/**
 * What can be had from a model's training examples at least: linear models on the features of its backbone, the columns of its
 * table or small pixels, asked about the validation examples that the model answered, too: logistic regressions of classes, for
 * a number the one with the least absolute errors. The same from half of the examples says whether more of them would help.
 *
 * @param predictions of the model, as they were measured @param group the column by which examples belong together
 * @returns null for too few examples, or where the store lacks what they are read from
 * @throws MainstemError STORE_CORRUPT, JSON_INVALID
 */
export async function findAttainable(
  reader: PreparedReader,
  model: AttainedBy,
  predictions: readonly Prediction[],
  group?: string,
): Promise<Attainable | null> {
  const { classes, training } = model;
  if (classes.length === 0) {
    return findAttainableNumbers(reader, model, { predictions, group, scale: training.labelScale });
  }
  const isKnown = (label: string) => classes.includes(label);
  const asked = chooseAsked(predictions, isKnown);
  if (!asked || classes.length < 2) return null;
  const asking = {
    ...{ asked, group, outputs: classes.length },
    isTaught: (row: { readonly label: string }) => isKnown(row.label),
  };
  const lessons: Lesson[] = [];
  for (const space of spaces) {
    const material = await readMaterial(reader, model, asking, space);
    if (material) lessons.push(learn(material, classes, space));
  }
  const [first] = lessons;
  const [one, ...others] = lessons.map(({ answers }) => answers);
  if (!first || !one) return null;
  return {
    ...{ learnt: first.learnt, of: first.of, examples: asked.length },
    ...measureAttainable({
      ...{ model: asked, classes, linear: [one, ...others] },
      half: first.answerFromHalf(),
    }),
  };
}

/** What was learnt from one space. */
interface Lesson {
  readonly learnt: number;
  readonly of: number;
  readonly answers: LinearAnswers;
  readonly answerFromHalf: () => LinearAnswers['probabilities'];
}

function learn(
  { space: points, rows, learnt, half, asked, of }: LinearMaterial,
  classes: readonly string[],
  space: LinearAnswers['space'],
): Lesson {
  const labels = rows.map(({ label }) => classes.indexOf(label));
  const answer = (some: readonly number[]) =>
    predictLinearly(points, { labels, classes: classes.length, learnt: some, asked });
  return {
    ...{ learnt: learnt.length, of },
    answers: { space, probabilities: answer(learnt) },
    answerFromHalf: () => answer(half),
  };
}
