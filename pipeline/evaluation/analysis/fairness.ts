import { ownValue } from '../../../platform/lib/own-value.ts';
import { createRandom, type Random } from '../../../platform/lib/random.ts';
import type { FairnessOf } from '../../../platform/schemas/index.ts';
import type { Judged } from './judged.ts';

/** Smaller groups are named, and not compared. */
const fewest = 20;
/** Random divisions: fewer where each has many examples and so varies little. */
const [fewestDivisions, mostDivisions, mostDrawn] = [60, 400, 4_000_000];

/** What the figures need of a group. */
interface Totals {
  readonly count: number;
  /** Sums of the absolute and of the signed errors; for classes of the wrong answers, and 0. */
  readonly missed: number;
  readonly shifted: number;
  /** confusion[truth × classes + answer]; empty for regression. */
  readonly confusion: Float64Array;
}

/** One figure: the largest difference between groups. */
interface Figure {
  readonly name: string;
  readonly of: (groups: readonly Totals[], classes: readonly number[]) => number;
}

/** docs/reports.md defines each. */
const classFigures: readonly Figure[] = [
  {
    name: 'demographic parity difference',
    of: (groups, classes) =>
      most(classes, (c) => spread(groups, (one) => answered(one, classes, c))),
  },
  {
    name: 'equal opportunity difference',
    of: (groups, classes) => most(classes, (c) => spread(groups, (one) => found(one, classes, c))),
  },
  {
    name: 'equalised odds difference',
    of: (groups, classes) =>
      most(classes, (c) =>
        Math.max(
          spread(groups, (one) => found(one, classes, c)),
          spread(groups, (one) => mistaken(one, classes, c)),
        ),
      ),
  },
  {
    name: 'accuracy difference',
    of: (groups) => spread(groups, ({ missed, count }) => 1 - missed / count),
  },
];

const valueFigures: readonly Figure[] = [
  {
    name: 'mean absolute error difference',
    of: (groups) => spread(groups, ({ missed, count }) => missed / count),
  },
  {
    name: 'mean error difference',
    of: (groups) => spread(groups, ({ shifted, count }) => shifted / count),
  },
];

/**
 * Compares how the groups of a sensitive attribute are treated. The largest of several differences is above 0 by chance
 * alone, so each figure stands beside what random groups of the same sizes show.
 *
 * @param classes empty for regression
 */
export function fairnessOf(
  examples: readonly Judged[],
  attribute: string,
  classes: readonly string[],
): FairnessOf {
  const all = Map.groupBy(examples, ({ metadata }) => ownValue(metadata, attribute) || 'missing');
  const named = [...all].sort(([a], [b]) => (a < b ? -1 : 1));
  const compared = named.filter(([, members]) => members.length >= fewest);
  const groups = compared.map(([, members]) => members);
  return {
    attribute,
    groups: compared.map(([value, members]) => ({ value, count: members.length })),
    small: named.flatMap(([value, members]) => (members.length < fewest ? [value] : [])),
    disparities:
      groups.length < 2
        ? []
        : disparitiesOf(groups, classes, createRandom(`fairness by chance: ${attribute}`)),
  };
}

function disparitiesOf(
  groups: readonly (readonly Judged[])[],
  classes: readonly string[],
  random: Random,
): FairnessOf['disparities'] {
  const figures = classes.length > 0 ? classFigures : valueFigures;
  const places = classes.map((_, place) => place);
  const all = groups.flat();
  const facts = factsOf(all, classes);
  const ends = groups.map((_, at) =>
    groups.slice(0, at + 1).reduce((sum, one) => sum + one.length, 0),
  );
  const order = all.map((_, index) => index);
  const measure = (by: readonly number[]) => {
    const totals = ends.map((end, at) => sumUp(facts, by.slice(ends[at - 1] ?? 0, end), classes));
    return figures.map(({ of }) => of(totals, places));
  };
  const affordable = Math.floor(mostDrawn / all.length);
  const divisions = Math.max(fewestDivisions, Math.min(mostDivisions, affordable));
  const drawn = Array.from({ length: divisions }, () => measure(random.shuffle(order)));
  const values = measure(order);
  return figures.map(({ name }, figure) => {
    const byChance = drawn.map((one) => one[figure] ?? 0).sort((a, b) => a - b);
    const chance = byChance[Math.ceil(divisions * 0.95) - 1] ?? 0;
    return { name, value: values[figure] ?? 0, chance };
  });
}

/** Each example as numbers, so that many divisions can be added up. */
interface Facts {
  readonly misses: Float64Array;
  readonly shifts: Float64Array;
  /** Place in the confusion matrix; −1 for an answer or a truth that is not one of the classes. */
  readonly cells: Int32Array;
}

function factsOf(examples: readonly Judged[], classes: readonly string[]): Facts {
  const places = new Map(classes.map((name, place) => [name, place]));
  const regression = classes.length === 0;
  return {
    misses: Float64Array.from(examples, ({ miss }) => miss),
    shifts: Float64Array.from(examples, ({ prediction }) =>
      regression ? (prediction.probabilities[0] ?? 0) - Number(prediction.label) : 0,
    ),
    cells: Int32Array.from(examples, ({ prediction: { label, predicted } }) => {
      const [truth, answer] = [places.get(label), places.get(predicted)];
      return truth === undefined || answer === undefined ? -1 : truth * classes.length + answer;
    }),
  };
}

function sumUp(facts: Facts, members: readonly number[], classes: readonly string[]): Totals {
  const confusion = new Float64Array(classes.length ** 2);
  let [missed, shifted] = [0, 0];
  for (const index of members) {
    missed += facts.misses[index] ?? 0;
    shifted += facts.shifts[index] ?? 0;
    const cell = facts.cells[index] ?? -1;
    if (cell >= 0) confusion[cell] = (confusion[cell] ?? 0) + 1;
  }
  return { count: members.length, missed, shifted, confusion };
}

/** The share that is answered c. */
function answered(one: Totals, classes: readonly number[], c: number): number {
  return sum(classes, (truth) => at(one, classes, truth, c)) / one.count;
}

/** Of those that are c, the share that is answered c; null without any. */
function found(one: Totals, classes: readonly number[], c: number): number | null {
  const all = sum(classes, (answer) => at(one, classes, c, answer));
  return all === 0 ? null : at(one, classes, c, c) / all;
}

/** Of those that are not c, the share that is answered c; null without any. */
function mistaken(one: Totals, classes: readonly number[], c: number): number | null {
  const others = classes.filter((truth) => truth !== c);
  const all = sum(others, (truth) => sum(classes, (answer) => at(one, classes, truth, answer)));
  return all === 0 ? null : sum(others, (truth) => at(one, classes, truth, c)) / all;
}

function at({ confusion }: Totals, { length }: readonly number[], truth: number, answer: number) {
  return confusion[truth * length + answer] ?? 0;
}

function sum(places: readonly number[], of: (place: number) => number): number {
  return places.reduce((total, place) => total + of(place), 0);
}

function most(classes: readonly number[], of: (place: number) => number): number {
  return Math.max(0, ...classes.map(of));
}

/** The largest value less the smallest; groups without a value do not count. */
function spread(groups: readonly Totals[], of: (group: Totals) => number | null): number {
  const values = groups.map(of).filter((value) => value !== null);
  return values.length < 2 ? 0 : Math.max(...values) - Math.min(...values);
}
