import type { Digest } from '../../platform/lib/hash.ts';
import { ownValue } from '../../platform/lib/own-value.ts';
import type {
  CheckThresholds,
  ColumnDefinition,
  TableDefinition,
} from '../../platform/schemas/define/index.ts';
import type { Example } from '../../platform/schemas/index.ts';
import {
  type ColumnKind,
  type ImageProperties,
  isMissing,
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
  /** What its name says it is, such as `jpeg`. */
  readonly named: string;
  /** Null if it cannot be decoded. */
  readonly properties: ImageProperties | null;
  /** It cannot be decoded because its end is missing. */
  readonly truncated: boolean;
  /** It is not decoded because it has too many pixels: `width×height`. */
  readonly tooLarge: string | null;
  /** Its EXIF data says where it was taken. */
  readonly located: boolean;
}

/** The photos of one folder. */
export interface PhotoSubject {
  readonly photos: readonly Photo[];
  readonly limits: CheckThresholds;
}

/** Labelled examples of either kind. */
export interface ExampleSubject {
  readonly examples: readonly Example[];
  /** Empty for regression. */
  readonly classes: readonly string[];
  /** Largest class / smallest class in the training split that is still fine. */
  readonly imbalance: number;
}

/** A folder's files against its labels and its `metadata.csv`. */
export interface FolderSubject {
  readonly examples: readonly Example[];
  readonly classes: readonly string[];
  /** Files in no class folder, other than metadata.csv. */
  readonly strays: readonly string[];
  /** The `file` column of metadata.csv; null where there is no such file. */
  readonly metadata: readonly string[] | null;
  /** Digest → path of the photos that must be refused. */
  readonly outOfDistribution: ReadonlyMap<Digest, string>;
}

/** The labels that examples have and those that the project declares; none for regression, whose labels are numbers. */
export function labelsOf({ examples, classes }: ExampleSubject): ReadonlySet<string> {
  const found = classes.length === 0 ? [] : examples.map(({ label }) => label);
  return new Set([...classes, ...found]);
}

/** The paths of all files in a folder, other than metadata.csv. */
export function pathsOf({ examples, strays }: FolderSubject): string[] {
  return [...examples.map(({ id }) => id), ...strays];
}

/** One CSV file. */
export interface TableSubject {
  readonly columns: readonly string[];
  /** Cells as text, '' where missing. */
  readonly rows: readonly Readonly<Record<string, string>>[];
  readonly table: TableDefinition;
  /** Empty for regression. */
  readonly classes: readonly string[];
  /** Other columns that the project names: slices and the split's group. */
  readonly alsoUsed: readonly string[];
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
export function featureColumns({ table, columns }: TableSubject): Feature[] {
  return Object.entries(table.features).filter(([name]) => columns.includes(name));
}

/** The number features that the table has. */
export function numberColumns(subject: TableSubject): Feature[] {
  return featureColumns(subject).filter(([, { kind }]) => kind === 'number');
}

/** The cells of a column that hold something, with their row counted from 1. */
export function presentCells(
  { rows, table, classes }: TableSubject,
  column: string,
): { row: number; cell: string }[] {
  const kind = kindOf(table, classes, column);
  return rows
    .map((row, index) => ({ row: index + 1, cell: ownValue(row, column) ?? '' }))
    .filter(({ cell }) => !isMissing(cell, kind));
}

/** The label of a regression is a number; a column that is not a feature is text. */
function kindOf(table: TableDefinition, classes: readonly string[], column: string): ColumnKind {
  const target = column === table.label && classes.length === 0;
  return ownValue(table.features, column)?.kind ?? (target ? 'number' : 'category');
}
