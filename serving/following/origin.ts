import type { MainstemError } from '../../platform/lib/errors.ts';
import type { ServedFiles } from '../../platform/registry/index.ts';

/** Where a branch is looked at. */
export interface Origin {
  /** For messages; without secrets. */
  readonly address: string;
  readonly branch: string;
  /**
   * What the branch serves now; null where that is still the known commit.
   *
   * @param known the commit that was read last
   * @throws MainstemError FOLLOW_*, REMOTE_*; the signal's reason once that aborts
   */
  look(known: string | null, signal: AbortSignal): Promise<ServedFiles | null>;
}

/** How it stands with a branch that is followed. */
export interface FollowState {
  readonly from: 'git' | 'remote';
  readonly branch: string;
  /** The commit whose pointers are followed; null until the first was read. */
  readonly commit: string | null;
  /** Seconds since the branch was last seen, or since the server started. */
  readonly age: number;
  /** Why the last look failed; null if it did not. */
  readonly failure: MainstemError | null;
}

/** What became of a look. */
export const lookOutcomes = ['changed', 'unchanged', 'failed'] as const;
export type LookOutcome = (typeof lookOutcomes)[number];
