import { type Static, Type } from 'typebox';
import { backendNames } from './backend-names.ts';

export const BackendName = Type.Enum(backendNames);
export type BackendName = Static<typeof BackendName>;

/** How near a backend that does not give the same bits comes to the reference, the cpu backend of TensorFlow.js. */
export const BackendTolerance = Type.Object({
  /** How far a gradient may lie off, as a share of the largest gradient of the network. */
  gradients: Type.Number(),
  /** How far the losses of a small training's first three epochs may lie off; rounding grows in a longer one. */
  losses: Type.Number(),
});
export type BackendTolerance = Static<typeof BackendTolerance>;

export const BackendInfo = Type.Object({
  /** `javascript`: computed without a tensor library, as boosted trees are. */
  name: Type.Union([BackendName, Type.Literal('javascript')]),
  /** Part of the run key: two backends of one class give the same bits. */
  class: Type.String(),
  /** Whether the same inputs give the same bits. */
  deterministic: Type.Boolean(),
  /** Of one that is not deterministic, as its contract test holds it to it. */
  tolerance: Type.Optional(BackendTolerance),
  /** Why it was chosen. */
  reason: Type.String(),
});
export type BackendInfo = Static<typeof BackendInfo>;
