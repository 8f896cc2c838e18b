import { areaUnderRoc } from '../../platform/lib/area-under-roc.ts';
import { evenly, evenPlaces } from '../../platform/lib/evenly.ts';
import { isNumeric, numbersOf, type TableSubject } from './subjects.ts';

/** How well one column alone predicts the label, on rows that it was not fitted on. */
export interface AlonePrediction {
  readonly measure: 'AUROC' | 'share right' | 'R²';
  readonly value: number;
}

/** So many rows say enough about one column. */
const mostRows = 20_000;
/** In fewer, one column may predict the label by chance. */
const fewestRows = 100;
const mostBins = 256;

/**
 * Predicts the label from one column: from its value if it is a category, from one of 256 steps if it is a number, by the mean of
 * the label there. One half of the rows is fitted to, the other is judged.
 *
 * @returns null for too few rows
 */
export function predictAlone(subject: TableSubject, column: string): AlonePrediction | null {
  const labelOf = createLabels(subject);
  const rows = evenPlaces(subject.data.rows, mostRows);
  const labelled = rows.filter((row) => labelOf(row) !== null);
  if (labelled.length < fewestRows) return null;
  const fitted = labelled.filter((_, at) => at % 2 === 0);
  const judged = labelled.filter((_, at) => at % 2 === 1);
  const keyOf = createKeys(subject, column, fitted);
  const targetOf = (row: number) => labelOf(row) ?? 0;
  const by = { keyOf, targetOf };
  const { length } = subject.classes;
  if (length === 0)
    return { measure: 'R²', value: explained(meansBy(fitted, by), judged, targetOf) };
  if (length > 2) {
    const value = shareRight(commonestBy(fitted, by), judged, targetOf);
    return { measure: 'share right', value };
  }
  return { measure: 'AUROC', value: separation(meansBy(fitted, by), judged, targetOf) };
}

type OfRow<Value> = (row: number) => Value;

/** The label as a number: its position among the classes, or the target; null where there is none. */
function createLabels(subject: TableSubject): OfRow<number | null> {
  const { data, table, classes } = subject;
  if (classes.length === 0) {
    const { values } = numbersOf(subject, table.label);
    return (row) => (Number.isNaN(values[row] ?? Number.NaN) ? null : (values[row] ?? null));
  }
  const column = data.column(table.label);
  const positions = new Map(classes.map((name, position) => [name, position]));
  const byCode = Array.from(column?.counts ?? [], (_, code) => {
    return positions.get(column?.text(code) ?? '') ?? null;
  });
  return (row) => byCode[column?.codes[row] ?? 0] ?? null;
}

/** What rows with about equal cells share. */
function createKeys(
  subject: TableSubject,
  column: string,
  fitted: readonly number[],
): OfRow<number> {
  const { data } = subject;
  if (!isNumeric(subject, column)) {
    const codes = data.column(column)?.codes;
    return (row) => codes?.[row] ?? 0;
  }
  const { values } = numbersOf(subject, column);
  const present = fitted.flatMap((row) => (Number.isNaN(values[row]) ? [] : [values[row] ?? 0]));
  const edges = evenly(
    present.sort((a, b) => a - b),
    mostBins,
  );
  return (row) => {
    const value = values[row] ?? Number.NaN;
    return Number.isNaN(value) ? -1 : countUpTo(edges, value);
  };
}

/** How many of some rising numbers are at most a value. */
function countUpTo(edges: readonly number[], value: number): number {
  let [low, high] = [0, edges.length];
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((edges[middle] ?? 0) <= value) low = middle + 1;
    else high = middle;
  }
  return low;
}

interface Grouping {
  readonly keyOf: OfRow<number>;
  readonly targetOf: OfRow<number>;
}

/** The mean target of the rows with the same key. */
function meansBy(rows: readonly number[], { keyOf, targetOf }: Grouping): OfRow<number> {
  const groups = Map.groupBy(rows, keyOf);
  const means = new Map([...groups].map(([key, some]) => [key, meanOf(some.map(targetOf))]));
  const prior = meanOf(rows.map(targetOf));
  return (row) => means.get(keyOf(row)) ?? prior;
}

/** The area under the ROC curve of the second class. */
function separation(
  predict: OfRow<number>,
  rows: readonly number[],
  targetOf: OfRow<number>,
): number {
  const scores = (wanted: number) => rows.filter((row) => targetOf(row) === wanted).map(predict);
  return areaUnderRoc(scores(1), scores(0)) ?? 0.5;
}

/** The share of the target's variance that is predicted. */
function explained(
  predict: OfRow<number>,
  rows: readonly number[],
  targetOf: OfRow<number>,
): number {
  const middle = meanOf(rows.map(targetOf));
  const squares = (of: OfRow<number>) =>
    rows.reduce((sum, row) => sum + (targetOf(row) - of(row)) ** 2, 0);
  const total = squares(() => middle);
  return total === 0 ? 0 : 1 - squares(predict) / total;
}

/** The commonest class of each key. */
function commonestBy(rows: readonly number[], { keyOf, targetOf }: Grouping): OfRow<number> {
  const commonest = (some: readonly number[]) => {
    const counts = [...Map.groupBy(some, targetOf)].map(([label, { length }]) => ({
      label,
      length,
    }));
    return counts.reduce((most, one) => (one.length > most.length ? one : most)).label;
  };
  const groups = Map.groupBy(rows, keyOf);
  const classes = new Map([...groups].map(([key, some]) => [key, commonest(some)]));
  const prior = commonest(rows);
  return (row) => classes.get(keyOf(row)) ?? prior;
}

function shareRight(
  predict: OfRow<number>,
  rows: readonly number[],
  targetOf: OfRow<number>,
): number {
  return rows.filter((row) => predict(row) === targetOf(row)).length / Math.max(1, rows.length);
}

function meanOf(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / Math.max(1, values.length);
}
