import { type ErrorCode, type ExitCode, errorCodes } from './error-codes.ts';

/**
 * The only error that Mainstem throws on purpose. Libraries throw it; the roots (command line, actions,
 * server) catch it and show code, message, facts and hint.
 *
 * @example
 * new MainstemError('DATA_MISSING', { dataset: 'leaves', path: 'data/leaves', project: 'leaves' }).message;
 * // 'Dataset "leaves" is not at data/leaves.'
 */
export class MainstemError extends Error {
  readonly code: ErrorCode;
  readonly details: Readonly<Record<string, unknown>>;

  /** @param details values for the message's `{placeholders}`, and any further facts; never a secret. */
  constructor(code: ErrorCode, details: Record<string, unknown> = {}, options?: ErrorOptions) {
    super(fillIn(errorCodes[code].message, details), options);
    this.name = 'MainstemError';
    this.code = code;
    this.details = details;
  }

  /** How to fix it. */
  get hint(): string {
    return fillIn(errorCodes[this.code].hint, this.details);
  }

  /** The exit code of a command that ends with this error. */
  get exitCode(): ExitCode {
    return errorCodes[this.code].exit;
  }
}

/**
 * Whether `error` is a MainstemError, and has this code if one is given.
 *
 * @example isMainstemError(error, 'STORE_MISSING') // true if the store lacks a blob
 */
export function isMainstemError(error: unknown, code?: ErrorCode): error is MainstemError {
  return error instanceof MainstemError && (code === undefined || error.code === code);
}

function fillIn(template: string, details: Record<string, unknown>): string {
  return template.replace(/\{(\w+)\}/g, (placeholder, name: string) =>
    name in details ? String(details[name]) : placeholder,
  );
}
