import type { ModelRecord } from '../platform/schemas/index.ts';

/** What a candidate is held against. */
export interface Champion {
  /** The record of what serves; null if nothing does. */
  readonly record: ModelRecord | null;
  /** Why it cannot be compared, in words that follow a colon; null if it can be. */
  readonly incomparable: string | null;
}

/** A model that can be compared, or none. */
export function championOf(record: ModelRecord | null): Champion {
  return { record, incomparable: null };
}
