import { randomUUID } from 'node:crypto';
import { hideKeys } from '../../platform/lib/hide-secrets.ts';
import { callerOf, type Trace } from './trace.ts';

/** A request that was answered, or that nobody waited for. */
export interface Served {
  readonly name: string;
  readonly trace: Trace;
  /** The headers `traceparent` and `tracestate` that came with it. */
  readonly traceparent: unknown;
  readonly tracestate?: unknown;
  readonly seconds: number;
  /** By https://opentelemetry.io/docs/specs/semconv/; what is undefined is left out. */
  readonly attributes: Attributes;
  /** What failed in a word, for `error.type`; null where nothing did, or only whoever asked is to blame. */
  readonly error: string | null;
}

/** Texts and whole numbers by name. */
export type Attributes = Readonly<Record<string, string | number | undefined>>;

/** A server's. */
const serverKind = 2;
/** Flags of a span: it is kept; and bits that say whether its parent is of another process. */
const flags = { kept: 0x001, parentKnown: 0x100, parentElsewhere: 0x200 } as const;
/** A text is somebody's who asks. */
const longestText = 1024;
/** Of all that services before this one noted for themselves: https://www.w3.org/TR/trace-context/#tracestate-limits */
const longestState = 512;

/** A span of OTLP in JSON: https://opentelemetry.io/docs/specs/otlp/#json-protobuf-encoding */
export function renderSpan(served: Served, now: Date): object {
  const { name, trace, traceparent, tracestate, seconds, attributes, error } = served;
  const end = BigInt(now.getTime()) * 1_000_000n;
  const caller = callerOf(traceparent);
  const state = typeof tracestate === 'string' ? tracestate : '';
  return {
    traceId: trace['trace.id'],
    // Without a caller's span the lines of the log name this one.
    spanId: caller ? randomUUID().replaceAll('-', '').slice(16) : trace['span.id'],
    ...(caller ? { parentSpanId: caller.span } : {}),
    ...(caller && state !== '' && state.length <= longestState ? { traceState: state } : {}),
    flags: flags.kept | flags.parentKnown | (caller ? flags.parentElsewhere : 0),
    name,
    kind: serverKind,
    startTimeUnixNano: String(end - BigInt(Math.round(seconds * 1e9))),
    endTimeUnixNano: String(end),
    attributes: renderAttributes({ ...attributes, 'error.type': error ?? undefined }),
    status: error === null ? {} : { code: 2 },
  };
}

/** Attributes of OTLP in JSON. */
export function renderAttributes(attributes: Attributes): object[] {
  return Object.entries(attributes).flatMap(([key, value]): object[] => {
    if (value === undefined) return [];
    if (typeof value === 'number') return [{ key, value: { intValue: String(value) } }];
    return [{ key, value: { stringValue: hideKeys(value).slice(0, longestText) } }];
  });
}
