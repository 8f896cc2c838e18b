import { type Static, Type } from 'typebox';
import { Artefact } from './atoms.ts';

export const PackageOutput = Type.Object({
  onnx: Artefact,
  parity: Type.Object({
    examples: Type.Integer(),
    maxDifference: Type.Number(),
    classesDiffer: Type.Integer(),
  }),
  /** Milliseconds for one example, preprocessing excluded; measured, so not reproducible. */
  latencyMs: Type.Object({ p50: Type.Number(), p95: Type.Number() }),
});
export type PackageOutput = Static<typeof PackageOutput>;
