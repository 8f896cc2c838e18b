import type { MainstemError } from '../platform/lib/errors.ts';
import { hideSecrets } from '../platform/lib/hide-secrets.ts';
import type { Problem } from './schemas.ts';

/** Where in a request an error lies, as its problem details say it. */
export function placeOf({
  details: { file, row, column, reason },
}: MainstemError): Pick<Problem, 'file' | 'row' | 'column' | 'reason'> {
  return {
    ...(typeof file === 'number' ? { file } : {}),
    ...(typeof row === 'number' ? { row } : {}),
    ...(typeof column === 'string' ? { column, reason: hideSecrets(String(reason)) } : {}),
  };
}
