import { type ErrorCode, type ExitCode, errorCodes } from './error-codes.ts';
import { printable, printableLines } from './printable.ts';
import { systemErrorText } from './system-errors.ts';
import { cutMiddle } from './text.ts';

/** The names of a text's `{placeholders}`; braces around anything but a word are none. */
type Placeholders<Text extends string> = Text extends `${string}{${infer Rest}`
  ? WordOf<Rest> | Placeholders<Rest>
  : never;

type WordOf<Rest extends string> = Rest extends `${infer Name}}${string}`
  ? Name extends `${string}${'{' | ' ' | '"' | ':'}${string}`
    ? never
    : Name
  : never;

/** What a code's message and hint are filled with: none of its placeholders may be left out. */
export type ErrorDetails<Code extends ErrorCode> = Readonly<
  Record<Placeholders<(typeof errorCodes)[Code]['message' | 'hint']>, unknown>
>;

/** An error's arguments, code by code: where nothing is to be filled in, the details may be left out. */
type Thrown = {
  [Code in ErrorCode]: keyof ErrorDetails<Code> extends never
    ? [code: Code, details?: Details, options?: ErrorOptions]
    : [code: Code, details: ErrorDetails<Code> & Details, options?: ErrorOptions];
}[ErrorCode];

type Details = Readonly<Record<string, unknown>>;

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

  /**
   * @param details values for the message's `{placeholders}`, and any further facts; never a secret. A `reason` may be
   *   the name of a system error (`EACCES`): message and hint then have its words.
   */
  constructor(...[code, details = {}, options]: Thrown) {
    super(fillIn(errorCodes[code].message, details), options);
    this.name = 'MainstemError';
    this.code = code;
    this.details = details;
  }

  /** An error again from the code and details that another one had: of another process, or before words were added. */
  static again(code: ErrorCode, details: Details, options?: ErrorOptions): MainstemError {
    return new MainstemError(...([code, details, options] as Thrown));
  }

  /** How to fix it. */
  get hint(): string {
    const { hint } = errorCodes[this.code];
    const advice = systemHints.has(this.code) ? systemErrorText(this.details.reason)?.advice : null;
    return fillIn(advice ?? hint, this.details);
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

/** Codes that say no more than the system does: its own advice is better than a general one. */
const systemHints: ReadonlySet<ErrorCode> = new Set(['FILE_UNREADABLE', 'FILE_UNWRITABLE']);

/** Texts of several lines by intent; whatever else comes from outside stays on its line. */
const severalLines = new Set(['reason', 'summary']);

function fillIn(template: string, details: Readonly<Record<string, unknown>>): string {
  return template.replace(/\{(\w+)\}/g, (placeholder, name: string) =>
    Object.hasOwn(details, name) ? render(name, details[name]) : placeholder,
  );
}

/** However much a detail holds, a message stays one that people read. */
const longestDetail = 4000;

function render(name: string, value: unknown): string {
  const text = cutMiddle(String(value), longestDetail);
  if (!severalLines.has(name)) return printable(text);
  return systemErrorText(value)?.reason ?? printableLines(text);
}
