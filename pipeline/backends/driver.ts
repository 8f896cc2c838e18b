import type { BackendName, BackendTolerance } from '../../platform/schemas/index.ts';

/** One tensor backend. All have this shape, and each is what the file with its name exports as `driver`. */
export interface BackendDriver {
  readonly name: BackendName;
  /** Optional packages that it needs; none if it is built in. */
  readonly packages: readonly string[];
  /** What has to be installed first, as a clause; null if nothing. Starts nothing. Without it the packages decide. */
  readonly lacks?: () => string | null;
  /** Whether the same inputs give the same bits. */
  readonly deterministic: boolean;
  /** Of one that is not deterministic: how near it comes to the reference. */
  readonly tolerance?: BackendTolerance;
  /** Part of the run key: changes whenever the bits that come out may change. */
  readonly class: () => Promise<string>;
  /** Loads the backend into this process and makes it the current one. @throws MainstemError BACKEND_UNAVAILABLE */
  readonly start: () => Promise<void>;
  /** What runs, once it has started: versions, devices. */
  readonly describe?: () => Promise<string>;
}
