import { type Static, Type } from 'typebox';
import type { References } from '../remotes/references.ts';

/** A problem in the store. */
export const StoreFinding = Type.Object({
  code: Type.Union([
    Type.Literal('STORE_CORRUPT'),
    Type.Literal('STORE_MISSING'),
    Type.Literal('INDEX_DAMAGED'),
    Type.Literal('PACK_DAMAGED'),
    Type.Literal('RECORD_DAMAGED'),
  ]),
  digest: Type.String(),
  /** File relative to the store's folder; '' for something missing. */
  file: Type.String(),
  message: Type.String(),
});
export type StoreFinding = Static<typeof StoreFinding>;

/** What to check a store against, and how. */
export interface FsckOptions {
  readonly references: References;
  /** Milliseconds; what unknown processes left counts as left over when it is a day old. */
  readonly now: number;
  /** Also deletes what is damaged or left over, so that it can come back, and writes damaged indexes again. */
  readonly repair: boolean;
  /** Folders with data, in which checkouts write. Relative to the repository. */
  readonly data?: readonly string[];
}
