import { evenly } from '../platform/lib/evenly.ts';
import type {
  Attainable,
  ModelRecord,
  Prediction,
  PreparedRow,
} from '../platform/schemas/index.ts';
import {
  mostLearnt,
  openSpace,
  type PreparedReader,
  predictLinearly,
  type SpaceSource,
} from './embeddings/index.ts';
import { type LinearAnswers, measureAttainable } from './evaluation/index.ts';
import { groupOfRow } from './group-of-row.ts';

/** Fewer examples show nothing. */
const [fewestLearnt, fewestAsked] = [50, 30];
const mostAsked = 5000;
const spaces = ['features', 'columns', 'pixels'] as const;

/** A model whose examples are at hand. */
export type AttainedBy = SpaceSource & Pick<ModelRecord, 'classes'>;

/**
 * What can be had from a model's training examples at least: logistic regressions on the features of its backbone, the columns
 * of its table or small pixels, asked about the validation examples that the model answered, too. The same from half of the
 * examples says whether more of them would help.
 *
 * @param predictions of the model, as they were measured @param group the column by which examples belong together
 * @returns null for regression, for too few examples, or where the store lacks what they are read from
 * @throws MainstemError STORE_CORRUPT, JSON_INVALID
 */
export async function findAttainable(
  reader: PreparedReader,
  model: AttainedBy,
  predictions: readonly Prediction[],
  group?: string,
): Promise<Attainable | null> {
  const { classes } = model;
  if (classes.length < 2) return null;
  const asked = evenly(
    predictions.filter(({ split, label }) => split === 'validation' && classes.includes(label)),
    mostAsked,
  );
  if (asked.length < fewestAsked) return null;
  const lessons: Lesson[] = [];
  for (const space of spaces) {
    const lesson = await learn(reader, { ...model, group }, asked, space);
    if (lesson) lessons.push(lesson);
  }
  const [first] = lessons;
  if (!first) return null;
  const [one, ...others] = lessons.map(({ answers }) => answers);
  if (!one) return null;
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

async function learn(
  reader: PreparedReader,
  model: AttainedBy & { readonly group: string | undefined },
  asked: readonly Prediction[],
  space: LinearAnswers['space'],
): Promise<Lesson | null> {
  const open = await openSpace(reader, model, [space]);
  if (!open) return null;
  const { classes, group } = model;
  const all = [...open.rows.keys()].filter((row) => isTaught(open.rows[row], classes));
  const places = new Map(open.rows.map(({ id }, row) => [id, row]));
  const askedRows = asked.flatMap(({ id }) => places.get(id) ?? []);
  if (all.length < fewestLearnt || askedRows.length < asked.length) return null;
  const { width } = await open.read(all.slice(0, 1));
  const taught = evenly(all, mostLearnt(width, classes.length));
  const examples = taught.flatMap((row) => open.rows[row] ?? []);
  const rows = [...taught, ...askedRows];
  const points = await open.read(rows);
  const labels = rows.map((row) => classes.indexOf(open.rows[row]?.label ?? ''));
  const answer = (learnt: readonly number[]) =>
    predictLinearly(points, {
      ...{ labels, classes: classes.length, learnt },
      asked: askedRows.map((_, at) => taught.length + at),
    });
  const learnt = [...taught.keys()];
  return {
    ...{ learnt: taught.length, of: all.length },
    answers: { space, probabilities: answer(learnt) },
    answerFromHalf: () => answer(halfOf(examples, group)),
  };
}

/** The places of the rows of every other group. */
function halfOf(rows: readonly PreparedRow[], group: string | undefined): number[] {
  const groups = [...new Set(rows.map((row) => groupOfRow(row, group)))];
  const kept = new Set(groups.filter((_, at) => at % 2 === 0));
  return [...rows.keys()].filter((at) => {
    const row = rows[at];
    return row !== undefined && kept.has(groupOfRow(row, group));
  });
}

function isTaught(row: PreparedRow | undefined, classes: readonly string[]): boolean {
  return row?.split === 'train' && classes.includes(row.label);
}
