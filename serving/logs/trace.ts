import { randomUUID } from 'node:crypto';
import type { IncomingMessage } from 'node:http';

/** What the lines of one request share with those of the services before it. */
export interface Trace {
  /** 32 hex digits. */
  readonly 'trace.id': string;
  /** 16 hex digits: the caller's span, since the server makes none of its own. */
  readonly 'span.id': string;
}

/** Version, trace, parent and flags; what comes after a later version is not for us. */
const traceparent =
  /^(?:00(?=.{53}$)|(?!00|ff)[0-9a-f]{2}(?=.{53}(?:-|$)))-(?!0{32})([0-9a-f]{32})-(?!0{16})([0-9a-f]{16})-([0-9a-f]{2})/;

/**
 * The trace that a request belongs to by its `traceparent` (https://www.w3.org/TR/trace-context/), or a new one where it
 * names none, names several, or is not valid.
 *
 * @example traceOf('00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01')['span.id'] // '00f067aa0ba902b7'
 */
export function traceOf(header: unknown): Trace {
  const { trace, span } = callerOf(header) ?? { trace: randomHex(), span: randomHex().slice(16) };
  return { 'trace.id': trace, 'span.id': span };
}

/** What a caller says of its trace. */
export interface CallersTrace {
  readonly trace: string;
  readonly span: string;
  /** Whether it keeps its own spans. */
  readonly sampled: boolean;
}

/** The trace that a header `traceparent` names; null where it names none. */
export function callerOf(header: unknown): CallersTrace | null {
  const found = typeof header === 'string' ? traceparent.exec(header) : null;
  const [, trace, span, flags = ''] = found ?? [];
  return trace && span ? { trace, span, sampled: (Number.parseInt(flags, 16) & 1) === 1 } : null;
}

const traces = new WeakMap<IncomingMessage, Trace>();

/** The trace of a request: the same for its lines and its span. */
export function traceOfRequest(request: IncomingMessage): Trace {
  const known = traces.get(request);
  if (known) return known;
  const trace = traceOf(request.headers.traceparent);
  traces.set(request, trace);
  return trace;
}

/** 32 random digits. Neither they nor the last 16 are all 0: digits 13 and 17 of a UUID are not. */
const randomHex = (): string => randomUUID().replaceAll('-', '');
