import { type Static, Type } from 'typebox';
import { backendNames } from './backend-names.ts';

export const BackendName = Type.Enum(backendNames);
export type BackendName = Static<typeof BackendName>;

export const BackendInfo = Type.Object({
  /** `javascript`: computed without a tensor library, as boosted trees are. */
  name: Type.Union([BackendName, Type.Literal('javascript')]),
  /** Part of the run key: two backends of one class give the same bits. */
  class: Type.String(),
  /** Whether the same inputs give the same bits. */
  deterministic: Type.Boolean(),
  /** Why it was chosen. */
  reason: Type.String(),
});
export type BackendInfo = Static<typeof BackendInfo>;
