import { MainstemError } from '../../platform/lib/errors.ts';
import type { BackendName } from '../../platform/schemas/index.ts';

/** What a driver throws if its backend does not start. */
export function startFailure(name: BackendName, reason: string, cause?: unknown): MainstemError {
  return new MainstemError('BACKEND_UNAVAILABLE', { name, reason }, { cause });
}
