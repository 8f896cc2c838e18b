import { type Static, Type } from 'typebox';
import { dictionary } from '../lib/dictionary.ts';
import type { Digest } from '../lib/hash.ts';
import { DigestSchema, type PartName, type SplitName } from './atoms.ts';
import { BackboneOrigin } from './backbone-origin.ts';

/** One dataset in `data.lock.json`. It holds counts so that its git diff shows a person what changed. */
export const LockedDataset = Type.Object({
  /** Folder (images) or file (all others), relative to the repository. */
  path: Type.String(),
  kind: Type.Union([
    Type.Literal('images'),
    Type.Literal('table'),
    Type.Literal('backbone'),
    /** A file that features are joined from; nothing learns from it as it is. */
    Type.Literal('source'),
  ]),
  /** Digest of the manifest: the sorted list of files with their digests. */
  digest: DigestSchema,
  files: Type.Integer({ minimum: 0 }),
  bytes: Type.Integer({ minimum: 0 }),
  /** Examples per split and class; a regression table has the single class `rows`, a backbone and a source none. */
  splits: dictionary(dictionary(Type.Integer())),
  /** The project's split when it was locked, to tell which examples a later lock moves; earlier versions left it out. */
  split: Type.Optional(
    Type.Object({
      seed: Type.Number(),
      fractions: Type.Tuple([Type.Number(), Type.Number(), Type.Number()]),
      group: Type.Optional(Type.String()),
      by: Type.Optional(Type.Literal('time')),
      time: Type.Optional(Type.String()),
      equalRows: Type.Optional(Type.Literal('apart')),
      heldBack: Type.Optional(Type.Number()),
    }),
  ),
  source: Type.String(),
  licence: Type.String(),
  /** Of a backbone that is a promoted model. */
  origin: Type.Optional(BackboneOrigin),
});
export type LockedDataset = Static<typeof LockedDataset>;

export const DataLock = Type.Object({
  version: Type.Literal(1),
  datasets: dictionary(LockedDataset),
});
export type DataLock = Static<typeof DataLock>;

/** One file of a dataset. `path` is relative to the dataset's path, with `/`. */
export interface ManifestEntry {
  readonly path: string;
  readonly digest: Digest;
  readonly bytes: number;
}

/** The file with columns for slices and groups in a folder of images; not an example itself. */
export const metadataFile = 'metadata.csv';

/** One labelled thing: a photo, or a row of a table. */
export interface Example<Part extends PartName = SplitName> {
  /** The file's path inside the dataset, or `row-<digits of its digest>` of a table. Unique within the dataset. */
  readonly id: string;
  /** Digest of the photo's bytes, or of the row's cells: what it is, wherever it stands. */
  readonly digest: Digest;
  /** Where a person finds the row of a table, from 1; it says nothing about what the row is. */
  readonly row?: number;
  readonly split: Part;
  /** Class name; for regression the target as text. */
  readonly label: string;
  /** All examples of one group go to one split: views of one object, for example. */
  readonly group: string;
  /** Columns of `metadata.csv`, or the row's own columns. Missing values are ''. */
  readonly metadata: Readonly<Record<string, string>>;
}

/** An example of a whole dataset, with what is held back. */
export type DealtExample = Example<PartName>;
