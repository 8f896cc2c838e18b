import { type Static, type TSchema, Type } from 'typebox';
import type { Digest } from '../lib/hash.ts';
import { digestPattern } from '../lib/hash.ts';

export const DigestSchema = Type.Unsafe<Digest>(Type.String({ pattern: digestPattern }));

/** A reference to bytes in the store. Stage outputs hold these; the engine checks that the bytes exist. */
export const Artefact = Type.Object({
  digest: DigestSchema,
  bytes: Type.Integer({ minimum: 0 }),
  mediaType: Type.String(),
});
export type Artefact = Static<typeof Artefact>;

export const Task = Type.Union([
  Type.Literal('image-classification'),
  Type.Literal('tabular-classification'),
  Type.Literal('tabular-regression'),
]);
export type Task = Static<typeof Task>;

export const SplitName = Type.Union([
  Type.Literal('train'),
  Type.Literal('validation'),
  Type.Literal('test'),
]);
export type SplitName = Static<typeof SplitName>;
/** Where an example may go: to a split, or to the part that is only looked at when a model is promoted. */
export type PartName = SplitName | 'heldBack';
export const splitNames = ['train', 'validation', 'test'] as const;

/** How the label of a regression is learnt: `log`, as its natural logarithm. */
export const LabelScale = Type.Literal('log');
export type LabelScale = Static<typeof LabelScale>;

/** The schema or null. */
export const nullable = <T extends TSchema>(schema: T) => Type.Union([schema, Type.Null()]);
