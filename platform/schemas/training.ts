import { type Static, Type } from 'typebox';
import { Artefact, LabelScale } from './atoms.ts';
import { BackendInfo } from './backend.ts';
import { Epoch } from './epoch.ts';

export const TrainOutput = Type.Object({
  /** `trees` for boosted trees; a network where it is absent. */
  kind: Type.Optional(Type.Literal('trees')),
  /** The network as the layers library's JSON; of trees what their numbers mean. */
  topology: Artefact,
  /**
   * All weights, float32 little endian, in the order of `weightSpecs` inside the topology's JSON; of trees their nodes.
   */
  weights: Artefact,
  /**
   * Of a regression that learnt another scale than that of its label; absent where both are the same. The weights give that
   * scale, and whatever answers with them gives the label's: the packaged file too.
   */
  labelScale: Type.Optional(LabelScale),
  backend: BackendInfo,
  /** Of trees the rounds, each of which added a tree per output; of very many only some, the best among them. */
  epochs: Type.Array(Epoch),
  bestEpoch: Type.Integer(),
  stopped: Type.Union([Type.Literal('epochs'), Type.Literal('early')]),
  /** The weight of each class in the loss, in the order of classes; absent where all count alike. */
  classWeights: Type.Optional(Type.Array(Type.Number())),
  /** Of a network whose backbone was trained, too: from where on, and with which epoch that began. */
  tuned: Type.Optional(
    Type.Object({
      /** The tensor of the backbone's file; what stands before it is as it was. */
      start: Type.String(),
      /** What it is of a photo: [height, width, channels], or [width]. */
      shape: Type.Array(Type.Integer()),
      /** Layers of the backbone that learnt. */
      layers: Type.Integer(),
      /** Epochs before, which trained the new layers alone. */
      headEpochs: Type.Integer(),
    }),
  ),
  weightCount: Type.Integer(),
  trainedRows: Type.Integer(),
  /** Of trees: by what share of the whole each column lowered the training loss, the largest first. */
  importance: Type.Optional(
    Type.Array(Type.Object({ column: Type.String(), share: Type.Number() })),
  ),
});
export type TrainOutput = Static<typeof TrainOutput>;
