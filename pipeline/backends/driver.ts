import type { BackendName } from '../../platform/schemas/index.ts';

/** Whether a backend can be used on this machine, and why. */
export interface Availability {
  readonly usable: boolean;
  /** One clause for a person, for example `@tensorflow/tfjs-node is not installed`. */
  readonly why: string;
}

/** One tensor backend. All have this shape; {@link chooseBackend} asks them in order of speed. */
export interface BackendDriver {
  readonly name: BackendName;
  /** Whether the same inputs give the same bits. */
  readonly deterministic: boolean;
  /** Part of the run key: changes whenever the bits that come out may change. */
  readonly class: () => Promise<string>;
  /** Looks without loading anything into this process. */
  readonly find: () => Promise<Availability>;
  /** Loads the backend into this process and makes it the current one. */
  readonly start: () => Promise<void>;
}
