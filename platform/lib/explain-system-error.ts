import { accessSync, constants } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, isAbsolute, relative, sep } from 'node:path';
import { MainstemError } from './errors.ts';
import { explainFetch } from './fetch-failure.ts';
import { systemErrorText } from './system-errors.ts';
import { temporaryFolder } from './temporary-folder.ts';

/** What Node puts into the error of a system call. */
interface SystemCallError extends Error {
  readonly code: string;
  readonly syscall?: string;
  readonly path?: string;
  readonly dest?: string;
  readonly address?: string;
  readonly port?: number;
  readonly hostname?: string;
}

/**
 * Says what an error of the system means and how to fix it: the one place that translates them, for the roots (command
 * line, action, server). Where more is known (which dataset, which project), it is said before.
 *
 * @param root the repository's folder; paths below it are shown relative to it
 * @returns null for an error that is not of the system's making
 * @example explainSystemError(await readFile('gone').catch((error) => error))?.code // 'FILE_UNREADABLE'
 */
export function explainSystemError(error: unknown, root = ''): MainstemError | null {
  if (error instanceof MainstemError) return error;
  if (!(error instanceof Error)) return null;
  // A host of several addresses, none of which answers.
  if (error instanceof AggregateError && error.errors.length > 0)
    return explainSystemError(error.errors[0], root);
  if (error.name === 'AbortError') return new MainstemError('INTERRUPTED', {}, { cause: error });
  if (isOutOfMemory(error)) {
    const reason = 'code' in error && error.code === 'ENOMEM' ? error.code : error.message;
    return new MainstemError('MEMORY_EXHAUSTED', { reason }, { cause: error });
  }
  if (isSystemCall(error)) return explainCall(error, root);
  return error.message === 'fetch failed' ? explainFetchFailure(error, root) : null;
}

/** `fetch` hides what the network said. */
function explainFetchFailure(error: Error, root: string): MainstemError {
  const { reason } = explainFetch(error);
  return (
    explainSystemError(error.cause, root) ??
    new MainstemError('NETWORK_FAILED', { address: 'the network', reason }, { cause: error })
  );
}

function isSystemCall(error: Error): error is SystemCallError {
  return 'code' in error && ('syscall' in error || systemErrorText(error.code) !== null);
}

function isOutOfMemory(error: Error): boolean {
  const code = 'code' in error ? error.code : '';
  if (code === 'ENOMEM' || code === 'ERR_WORKER_OUT_OF_MEMORY') return true;
  return /allocation failed|could not allocate memory|out of memory/i.test(error.message);
}

/** What a path and a reason say enough about. */
type FileCode = 'DISK_FULL' | 'LIMIT_REACHED' | 'FILE_UNWRITABLE' | 'FILE_UNREADABLE';

const codesByName: Readonly<Record<string, FileCode>> = {
  ENOSPC: 'DISK_FULL',
  EDQUOT: 'DISK_FULL',
  EFBIG: 'DISK_FULL',
  EMFILE: 'LIMIT_REACHED',
  ENFILE: 'LIMIT_REACHED',
  EAGAIN: 'LIMIT_REACHED',
  EROFS: 'FILE_UNWRITABLE',
};

/** Some functions of Node (`rm`, `cp`) say ERR_FS_EISDIR where the system says EISDIR. */
function errnoOf({ code }: SystemCallError): string {
  return code.replace(/^ERR_FS_(?=E[A-Z]+$)/, '');
}

function explainCall(error: SystemCallError, root: string): MainstemError {
  const { syscall = '' } = error;
  const code = errnoOf(error);
  const options = { cause: error };
  const reason = systemErrorText(code) ? code : error.message;
  if (syscall.startsWith('spawn')) {
    const program = syscall.slice('spawn '.length) || error.path;
    return new MainstemError('PROGRAM_UNUSABLE', { program, reason }, options);
  }
  if (error.path === undefined && isNetwork(error)) return explainNetwork(error, reason);
  const written = isWriting(error);
  const mapped = Object.hasOwn(codesByName, code) ? codesByName[code] : undefined;
  const path = placeOf(error, written || mapped === 'DISK_FULL', root);
  const meaning = mapped ?? (written ? 'FILE_UNWRITABLE' : 'FILE_UNREADABLE');
  return new MainstemError(meaning, { path, reason }, options);
}

const networkCalls = /^(?:connect|listen|bind|getaddrinfo|query)/;

function isNetwork({ syscall = '', address, hostname }: SystemCallError): boolean {
  return networkCalls.test(syscall) || address !== undefined || hostname !== undefined;
}

function explainNetwork(error: SystemCallError, reason: string): MainstemError {
  const { code, syscall, address, hostname, port } = error;
  const host = hostname ?? address ?? 'the network';
  const options = { cause: error };
  if (code === 'EADDRINUSE') {
    const suggestion = (port ?? 8080) + 1;
    const details = { host, port: port ?? '', by: 'another program', suggestion };
    return new MainstemError('PORT_TAKEN', details, options);
  }
  if (syscall === 'listen' || syscall === 'bind')
    return new MainstemError('LISTEN_FAILED', { host, port: port ?? '', reason }, options);
  const where = port === undefined ? host : `${host}:${port}`;
  return new MainstemError('NETWORK_FAILED', { address: where, reason }, options);
}

const writingCalls = new Set([
  ...[
    'mkdir',
    'mkdtemp',
    'rename',
    'link',
    'symlink',
    'unlink',
    'rmdir',
    'rm',
    'write',
    'copyfile',
  ],
  ...['cp', 'ftruncate', 'truncate', 'utime', 'futime', 'chmod', 'chown', 'fsync', 'fdatasync'],
]);

/** A file is written whole under a temporary name, then renamed: people know the other name. */
const temporaryEnd = /[./](?:[0-9a-f]{12,16}|[0-9a-f]{8}\.[\w-]+)\.tmp$/;

function isWriting({ syscall = '', path = '' }: SystemCallError): boolean {
  if (syscall === 'copyfile') return isReadable(path);
  return writingCalls.has(syscall) || temporaryEnd.test(path);
}

function isReadable(path: string): boolean {
  try {
    accessSync(path, constants.R_OK);
    return true;
  } catch {
    return false;
  }
}

/** The path as a person knows it. Reading from a folder that was opened like a file names no path. */
function placeOf({ syscall, path, dest }: SystemCallError, written: boolean, root: string): string {
  if (syscall === 'mkdtemp' && path !== undefined && dirname(path) === tmpdir())
    return temporaryFolder();
  const place = (written ? dest : undefined) ?? path;
  if (place === undefined) return written ? 'a file' : 'a file of the project';
  const shown = place.replace(temporaryEnd, '');
  const inside = root === '' ? shown : relative(root, shown);
  return inside === '' || isAbsolute(inside) || inside.split(sep)[0] === '..' ? shown : inside;
}
