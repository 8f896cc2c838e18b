import { type Static, Type } from 'typebox';
import { Artefact } from './atoms.ts';
import { BackendInfo } from './backend.ts';
import { Epoch } from './epoch.ts';

export const TrainOutput = Type.Object({
  /** The network as the layers library's JSON. */
  topology: Artefact,
  /** All weights, float32 little endian, in the order of `weightSpecs` inside the topology's JSON. */
  weights: Artefact,
  backend: BackendInfo,
  epochs: Type.Array(Epoch),
  bestEpoch: Type.Integer(),
  stopped: Type.Union([Type.Literal('epochs'), Type.Literal('early')]),
  /** The weight of each class in the loss, in the order of classes; absent where all count alike. */
  classWeights: Type.Optional(Type.Array(Type.Number())),
  weightCount: Type.Integer(),
  trainedRows: Type.Integer(),
});
export type TrainOutput = Static<typeof TrainOutput>;
