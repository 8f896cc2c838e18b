import { isMainstemError } from '../../lib/errors.ts';

/**
 * Does some work; once more if what it reads in a remote is damaged. A transfer that went on after a break, or something between
 * here and there, may have damaged it on its way, and the remote is not blamed for that: the second time all of it is fetched.
 */
export async function againIfDamaged<T>(work: () => Promise<T>): Promise<T> {
  return work().catch((error: unknown) => {
    if (isMainstemError(error, 'REMOTE_CORRUPT')) return work();
    throw error;
  });
}
