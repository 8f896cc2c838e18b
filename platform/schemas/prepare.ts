import { type Static, Type } from 'typebox';
import { dictionary } from '../lib/dictionary.ts';
import { Artefact, DigestSchema, SplitName } from './atoms.ts';
import { Preprocessing } from './preprocessing.ts';

/** Of a column of a table with more values than this, a prepared index does not keep the cells of each row. */
export const mostSliceValues = 10_000;

/** A row of a prepared dataset. Rows keep the order of `id`. */
export const PreparedRow = Type.Object({
  id: Type.String(),
  /** Of a table: where a person finds it in this version of the file, from 1. */
  row: Type.Optional(Type.Integer()),
  digest: DigestSchema,
  /**
   * A digest of what a model takes of it (of a training row, what serving would make of it): two rows with the same one look the
   * same to the model. Absent in indices of earlier versions.
   */
  content: Type.Optional(Type.String()),
  split: SplitName,
  label: Type.String(),
  metadata: dictionary(Type.String()),
});
export type PreparedRow = Static<typeof PreparedRow>;

/** What is behind `PrepareOutput.index`: a line with all but the rows, then a line for each row. */
export const PreparedIndex = Type.Object({
  version: Type.Literal(1),
  dtype: Type.Union([Type.Literal('uint8'), Type.Literal('float32')]),
  /** Shape of one row: [height, width, 3] or [columns after encoding]. */
  shape: Type.Array(Type.Integer()),
  classes: Type.Array(Type.String()),
  preprocessing: Preprocessing,
  /** Rows are packed one after another, little endian, `shards[i].rows` in each. */
  shards: Type.Array(Type.Object({ artefact: Artefact, rows: Type.Integer() })),
  rows: Type.Array(PreparedRow),
});
export type PreparedIndex = Static<typeof PreparedIndex>;

export const PrepareOutput = Type.Object({
  index: Artefact,
  shards: Type.Array(Artefact),
  rows: Type.Integer(),
});
export type PrepareOutput = Static<typeof PrepareOutput>;
