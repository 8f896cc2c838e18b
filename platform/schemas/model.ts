import { type Static, Type } from 'typebox';
import { dictionary } from '../lib/dictionary.ts';
import { DigestSchema, nullable, Task } from './atoms.ts';
import { GateResult } from './comparison.ts';
import { HeldBack } from './held-back.ts';
import { Preprocessing } from './preprocessing.ts';
import { SeedSpread } from './seeds.ts';
import { recordedOutputs } from './stages.ts';

/** `models/<name>/records/<run>.json`: immutable, all that is needed to verify, serve and rebuild a model. */
export const ModelRecord = Type.Object({
  version: Type.Literal(1),
  model: Type.String(),
  /** First 12 hex digits of `key`. */
  run: Type.String({ pattern: '^[0-9a-f]{12}$' }),
  /** SHA-256 over the keys of all stages. */
  key: DigestSchema,
  task: Task,
  classes: Type.Array(Type.String()),
  createdAt: Type.String(),
  /** The commit that was checked out, null outside git; `dirty` if the tree differed from it. */
  commit: nullable(Type.String()),
  dirty: Type.Boolean(),
  /** Dataset name → digest. */
  data: dictionary(DigestSchema),
  parameters: dictionary(Type.Unknown()),
  stages: dictionary(DigestSchema),
  preprocessing: Preprocessing,
  /** Of a model whose columns are looked up: by which definition, and by which keys each view fills which of them. */
  features: Type.Optional(
    Type.Object({
      definition: DigestSchema,
      views: dictionary(
        Type.Object({ keys: Type.Array(Type.String()), fields: Type.Array(Type.String()) }),
      ),
    }),
  ),
  ...recordedOutputs,
  /** Of a model that was also trained with other seeds: how much they differ. */
  seeds: Type.Optional(SeedSpread),
  /** Words for people: the page's title, what each class is called, what a refusal says. */
  page: Type.Object({
    title: Type.String(),
    intro: Type.String(),
    classes: dictionary(Type.String()),
    refusal: Type.String(),
  }),
});
export type ModelRecord = Static<typeof ModelRecord>;

/** A header's name, in small letters. */
const headerName = Type.String({ pattern: '^[a-z][a-z0-9-]{0,63}$' });

/** Which requests a version is tried on beside the one in production. */
export const Traffic = Type.Object(
  {
    /** The share of requests. */
    share: Type.Number({ minimum: 0, maximum: 1 }),
    /** The header whose value decides: equal values always get the same version, and requests without it go to production. */
    key: Type.Optional(headerName),
    /** A header whose value always gets it, whatever the share. */
    header: Type.Optional(
      Type.Object(
        { name: headerName, value: Type.String({ minLength: 1, maxLength: 200 }) },
        { additionalProperties: false },
      ),
    ),
  },
  { additionalProperties: false },
);
export type Traffic = Static<typeof Traffic>;

/** `models/<name>/production.json`, `staging.json`, `canary.json` and `shadow.json`. */
export const ModelPointer = Type.Object({
  version: Type.Literal(1),
  model: Type.String(),
  run: Type.String({ pattern: '^[0-9a-f]{12}$' }),
  /** Digest of the record, but for when, where and how fast the model was made. */
  record: DigestSchema,
  /** Digest of the ONNX file. */
  onnx: DigestSchema,
  /** Gates as they were when promoted, and against which champion. */
  gates: Type.Array(GateResult),
  champion: nullable(Type.String()),
  /** What the promotion found on the examples that are held back; absent where none are. */
  heldBack: Type.Optional(HeldBack),
  /** Only of a canary and a shadow, which always have it. */
  traffic: Type.Optional(Traffic),
});
export type ModelPointer = Static<typeof ModelPointer>;
