import { isMainstemError, MainstemError } from '../../platform/lib/errors.ts';
import { explainSystemError } from '../../platform/lib/explain-system-error.ts';
import type { Digest } from '../../platform/lib/hash.ts';
import { silentReporter } from '../../platform/lib/reporter.ts';
import { promotedModels, readPointer, trialChannels } from '../../platform/registry/index.ts';
import type { BlobStore } from '../../platform/schemas/index.ts';
import {
  interruptible,
  objectKey,
  pull,
  type Remote,
} from '../../platform/storage/remotes/index.ts';
import type { Store } from '../../platform/storage/store/index.ts';

/** The networks that pointers name, pulled from the remote of the store where they are not here. */
export interface Packages {
  /** The store; a network that could not be pulled says why. */
  readonly store: BlobStore;
  /**
   * Pulls what the pointers of a folder name.
   *
   * @returns whether all is here; what is not says why when it is asked for
   * @throws the signal's reason once that aborts
   */
  provide(root: string, signal: AbortSignal): Promise<boolean>;
}

/** Where packages are and where they come from. */
export interface PackagesOptions {
  /** The repository, for paths of the pull. */
  readonly root: string;
  readonly store: Store;
  /** @throws MainstemError REMOTE_UNSET, REMOTE_UNKNOWN */
  readonly openRemote: () => Promise<Remote>;
}

/** Creates what provides packages. Every blob is verified by its digest when it arrives. */
export function createPackages(options: PackagesOptions): Packages {
  const { store } = options;
  const failures = new Map<Digest, MainstemError>();
  return {
    store: {
      put: (bytes, mediaType) => store.put(bytes, mediaType),
      get: (digest) => store.get(digest),
      async has(digest) {
        if (await store.has(digest)) return true;
        const failure = failures.get(digest);
        if (failure) throw failure;
        return false;
      },
    },
    async provide(root, signal) {
      failures.clear();
      const lacking = await lackingOf(root, store);
      if (lacking.size === 0) return true;
      for (const [digest, error] of await fetchAll(options, lacking, signal))
        failures.set(digest, error);
      return failures.size === 0;
    },
  };
}

/** The networks that are not here, or damaged, and who needs them. */
async function lackingOf(root: string, store: Store): Promise<Map<Digest, string>> {
  const lacking = new Map<Digest, string>();
  for (const name of await promotedModels(root))
    for (const channel of ['production', ...trialChannels] as const) {
      // One that cannot be read is refused by whoever loads it.
      const pointer = await readPointer(root, name, channel).catch(() => null);
      if (pointer && !(await store.isIntact(pointer.onnx)))
        lacking.set(pointer.onnx, `the ONNX file of ${name} ${pointer.run}`);
    }
  return lacking;
}

async function fetchAll(
  { root, store, openRemote }: PackagesOptions,
  blobs: ReadonlyMap<Digest, string>,
  signal: AbortSignal,
): Promise<Map<Digest, MainstemError>> {
  const workspace = { root, reporter: silentReporter, signal };
  try {
    const remote = interruptible(await openRemote(), signal);
    const references = { blobs: new Map(blobs), records: new Map() };
    const { missing } = await pull({ workspace, store, remote }, async () => references);
    return new Map(
      missing.map(({ digest }) => {
        const details = { address: remote.address, key: objectKey(digest) };
        return [digest, new MainstemError('REMOTE_MISSING', details)];
      }),
    );
  } catch (error) {
    signal.throwIfAborted();
    const known = isMainstemError(error) ? error : explainSystemError(error);
    if (!known) throw error;
    const lacking = new Map<Digest, MainstemError>();
    for (const digest of blobs.keys()) if (!(await store.has(digest))) lacking.set(digest, known);
    return lacking;
  }
}
