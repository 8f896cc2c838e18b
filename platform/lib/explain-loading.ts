import { relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import { isMainstemError, MainstemError } from './errors.ts';
import { assertCheckedOut } from './sparse-checkout.ts';

const loadingErrors = new Set<unknown>([
  ...['ERR_MODULE_NOT_FOUND', 'ERR_INVALID_TYPESCRIPT_SYNTAX', 'ERR_UNSUPPORTED_TYPESCRIPT_SYNTAX'],
  ...['ERR_DLOPEN_FAILED', 'MODULE_NOT_FOUND', 'ERR_INVALID_PACKAGE_CONFIG'],
]);

/**
 * Says of an error of Node's loader what cannot be loaded: a source file or a package that is missing, damaged or not for this machine.
 *
 * @param root the repository's folder
 * @returns null for any other error
 */
export function explainLoading(error: unknown, root: string): MainstemError | null {
  if (!(error instanceof Error)) return null;
  const code = 'code' in error ? error.code : undefined;
  if (!loadingErrors.has(code) && error.name !== 'SyntaxError') return null;
  // The stack of a syntax error begins with its place.
  const place = /^(?:file:\/\/)?(\/\S+?\.[jt]s:\d+)$/m.exec(
    error.stack?.split('\n    at ')[0] ?? '',
  );
  if (error.name === 'SyntaxError' && !place) return null;
  const [said = ''] = error.message.split('\n');
  const reason = place ? `${said} (${place[1]})` : said;
  return (
    findLeftOut(error, root) ?? new MainstemError('CODE_UNLOADABLE', { reason }, { cause: error })
  );
}

/** Where the file that was looked for is one that git has and a sparse checkout leaves out. */
function findLeftOut(error: Error, root: string): MainstemError | null {
  if (!('url' in error) || typeof error.url !== 'string') return null;
  try {
    assertCheckedOut(root, relative(root, fileURLToPath(error.url)));
    return null;
  } catch (found) {
    return isMainstemError(found, 'GIT_SPARSE') ? found : null;
  }
}
