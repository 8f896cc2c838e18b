import { isMainstemError, MainstemError } from '../../lib/errors.ts';

/**
 * For `.catch` of a read from the store: says beside the digest what people call the blob. An error that already says so
 * stays as it is.
 *
 * @param what for example `good/1.jpg of data/pumpkins`
 * @throws MainstemError STORE_MISSING, STORE_CORRUPT, and whatever else was caught
 */
export function nameBlob(what: string): (error: unknown) => never {
  return (error) => {
    if (!isStoreError(error) || error.details.what) throw error;
    const details = { ...error.details, what: ` (${what})` };
    throw MainstemError.again(error.code, details, { cause: error });
  };
}

/** Whether the store lacks a blob, or holds it damaged. */
export function isStoreError(error: unknown): error is MainstemError {
  return isMainstemError(error, 'STORE_CORRUPT') || isMainstemError(error, 'STORE_MISSING');
}
