import type { Forge } from '../github/state.ts';
import type { RunnerOptions } from './job-host.ts';
import type { Lanes } from './lanes.ts';

/** What runs the workflows of a repository. */
export interface Runner {
  readonly forge: Forge;
  readonly options: RunnerOptions;
  readonly lanes: Lanes;
  /** Numbers of the machines on which a job works now. */
  readonly busy: Set<number>;
  /** Events that are being looked at. */
  settling: number;
  /** Of the runs that have not ended. */
  readonly controls: Map<number, RunControl>;
  /** Environments whose jobs wait for a person. */
  readonly waiting: { readonly environment: string; approve(): void }[];
  /** Resolves when nothing more will happen by itself. */
  idle(): Promise<void>;
}

/** How a run is stopped from outside. */
export interface RunControl {
  readonly signal: AbortSignal;
  /** Whether it waits for its concurrency group. */
  inLane: boolean;
  /** How many jobs work, and how many wait for a person or a group. */
  working: number;
  waiting: number;
  cancel(why: string): void;
}
