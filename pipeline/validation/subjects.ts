import type { Digest } from '../../platform/lib/hash.ts';
import { ownValue } from '../../platform/lib/own-value.ts';
import type { Table } from '../../platform/lib/table.ts';
import type {
  CheckThresholds,
  ColumnDefinition,
  TableDefinition,
} from '../../platform/schemas/define/index.ts';
import type { DealtExample, PartName } from '../../platform/schemas/index.ts';
import type { ExampleCounts, HeldBackGaps } from '../../platform/storage/index.ts';
import {
  cellStates,
  type ImageProperties,
  isMissing,
  type NumberCells,
  type PhotoPrint,
  readNumbers,
  rowsInState,
} from '../../platform/transforms/index.ts';

/*
 * What checks look at. Each is read once, before the first check, so that a check is a pure function.
 */

/** One file of an image folder. */
export interface Photo {
  readonly path: string;
  readonly digest: Digest;
  /** What the content is, such as `jpeg`; null if it is not a picture. */
  readonly format: string | null;
  /** The pictures that it holds: more than one in an animation, a sequence or a file of several pages. */
  readonly frames: number;
  /** What its name says it is, such as `jpeg`. */
  readonly named: string;
  /** Null if it cannot be decoded. */
  readonly properties: ImageProperties | null;
  /** It cannot be decoded because its end is missing. */
  readonly truncated: boolean;
  /** It is not decoded because a decoder would invent a part of it. */
  readonly damaged: boolean;
  /** It is not decoded because it has too many pixels, `width×height`, or bytes. */
  readonly tooLarge: string | null;
  /** Why the server refuses such a photo; null if it takes it. */
  readonly unserved: string | null;
  /** What is written beside its pixels says where it was taken. */
  readonly located: boolean;
  /** What it looks like from afar; null if it cannot be decoded. */
  readonly print: PhotoPrint | null;
}

/** The photos of one folder. */
export interface PhotoSubject {
  readonly photos: readonly Photo[];
  readonly limits: CheckThresholds;
}

/** Labelled examples of either kind. */
export interface ExampleSubject {
  readonly counts: ExampleCounts;
  /** Groups with examples in more than one split. */
  readonly straddling: readonly string[];
  /** Empty for regression. */
  readonly classes: readonly string[];
  /** Labels of which nothing is held back though the project asks for it; null where there are none. */
  readonly heldBackGaps?: HeldBackGaps | null;
  /** Largest class / smallest class in the training split that is still fine. */
  readonly imbalance: number;
}

/** A folder's files against its labels and its `metadata.csv`. */
export interface FolderSubject {
  readonly examples: readonly DealtExample[];
  readonly classes: readonly string[];
  /** Files in no class folder, other than metadata.csv. */
  readonly strays: readonly string[];
  /** The `file` column of metadata.csv; null where there is no such file. */
  readonly metadata: readonly string[] | null;
  /** Photos that look almost the same, one list for each set. */
  readonly lookAlikes: readonly (readonly DealtExample[])[];
  /** Digest → path of the photos that must be refused. */
  readonly outOfDistribution: ReadonlyMap<Digest, string>;
  /** The promoted model that is learnt from, and whether it has learnt from a photo; absent without one. */
  readonly backbone?: { readonly name: string; readonly hasSeen: (digest: Digest) => boolean };
}

/** The labels that examples have and those that the project declares; none for regression, whose labels are numbers. */
export function labelsOf({ counts, classes }: ExampleSubject): ReadonlySet<string> {
  const found =
    classes.length === 0 ? [] : [...counts.values()].flatMap((some) => [...some.keys()]);
  return new Set([...classes, ...found]);
}

/** How many examples of a label are in a split. */
export function countOf({ counts }: ExampleSubject, split: PartName, label: string): number {
  return counts.get(split)?.get(label) ?? 0;
}

/** The paths of all files in a folder, other than metadata.csv. */
export function pathsOf({ examples, strays }: FolderSubject): string[] {
  return [...examples.map(({ id }) => id), ...strays];
}

/** One table. */
export interface TableSubject {
  readonly data: Table;
  readonly table: TableDefinition;
  /** Empty for regression. */
  readonly classes: readonly string[];
  /** Other columns that the project names: slices and the split's group. */
  readonly alsoUsed: readonly string[];
  /** Those of them by which results are sliced. */
  readonly slices?: readonly string[];
  /** The one by which rows belong together. */
  readonly group?: string | undefined;
  /** Which split a row goes to. */
  readonly partOf: (row: number) => PartName;
}

/** The photos that could be decoded, with their properties beside their path. */
export function measuredPhotos(photos: readonly Photo[]): (ImageProperties & { path: string })[] {
  return photos.flatMap(({ path, properties }) => (properties ? [{ ...properties, path }] : []));
}

/** Every column that the project names: label, features, group and slices. */
export function usedColumns({ table, alsoUsed }: TableSubject): string[] {
  return [...new Set([table.label, ...Object.keys(table.features), ...alsoUsed])];
}

type Feature = readonly [name: string, definition: ColumnDefinition];

/** The features that the table has. */
export function featureColumns({ table, data }: TableSubject): Feature[] {
  return Object.entries(table.features).filter(([name]) => data.place(name) >= 0);
}

/** The number features that the table has. */
export function numberColumns(subject: TableSubject): Feature[] {
  return featureColumns(subject).filter(([, { kind }]) => kind === 'number');
}

/** Whether a column is one of numbers. The label of a regression is; a column that is not a feature is text. */
export function isNumeric({ table, classes }: TableSubject, column: string): boolean {
  const target = column === table.label && classes.length === 0;
  const kind = ownValue(table.features, column)?.kind;
  return kind === undefined ? target : kind === 'number';
}

const numbers = new WeakMap<Table, Map<string, NumberCells>>();

/** A column as numbers; several checks look at them, and they are read once. */
export function numbersOf({ data }: TableSubject, column: string): NumberCells {
  const known = numbers.get(data) ?? new Map<string, NumberCells>();
  numbers.set(data, known);
  const found = known.get(column) ?? readNumbers(data, data.place(column));
  known.set(column, found);
  return found;
}

/** The positions of the cells of a column that hold nothing, rising. */
export function gapsOf(subject: TableSubject, column: string): number[] {
  const kind = ownValue(subject.table.features, column)?.kind;
  if (kind === 'date' || kind === 'boolean') {
    return rowsOfValues(subject, column, (text) => isMissing(text, kind));
  }
  if (isNumeric(subject, column)) {
    return rowsInState(numbersOf(subject, column), cellStates.missing);
  }
  return rowsOfValues(subject, column, (text) => text === '');
}

/** The positions of the cells whose text fits, rising; the test is asked once for each different text. */
export function rowsOfValues(
  { data }: TableSubject,
  name: string,
  fits: (text: string) => boolean,
): number[] {
  const column = data.column(name);
  if (!column) return [];
  const { codes, counts, text } = column;
  const fitting = Array.from(counts, (_, code) => fits(text(code)));
  if (!fitting.includes(true)) return [];
  const rows: number[] = [];
  for (let row = 0; row < codes.length; row++) if (fitting[codes[row] ?? 0]) rows.push(row);
  return rows;
}

/** A cell as its finding names it. */
export function placeOf({ data }: TableSubject, row: number, column: string): string {
  return `row ${row + 1}: ${data.text(row, data.place(column))}`;
}

/** The same for texts, in quotes. */
export function quotedPlaceOf({ data }: TableSubject, row: number, column: string): string {
  return `row ${row + 1}: ${JSON.stringify(data.text(row, data.place(column)))}`;
}
