import { randomUUID } from 'node:crypto';
import { callerOf, type Trace } from './trace.ts';

/** A request that was answered, or that nobody waited for. */
export interface Served {
  readonly name: string;
  readonly trace: Trace;
  /** The header `traceparent` that came with it. */
  readonly traceparent: unknown;
  readonly seconds: number;
  /** As HTTP says it; over gRPC that of the same answer over REST. */
  readonly code: number;
  readonly attributes: Readonly<Record<string, string>>;
}

/** Sends a span for each request to a collector of OpenTelemetry. */
export interface Spans {
  /** Takes a request that has just ended. Costs no time of it, and is thrown away where too many wait. */
  add(served: Served): void;
  /** Sends what waits, once, and ends. */
  close(): Promise<void>;
}

/** Where spans go. */
export interface SpansOptions {
  /** Of OTLP over HTTP, without `/v1/traces`: `http://localhost:4318`. */
  readonly endpoint: string;
  /** The digest of the server's own files. */
  readonly build: string;
  readonly now: () => Date;
  readonly reporter: {
    /** Called at the first of several failures. */
    failed(error: Error): void;
    recovered(): void;
  };
}

const most = { waiting: 4096, sent: 512 } as const;
const everyMs = 1000;
const patienceMs = 5000;

/** Starts sending, every second. What cannot be sent is lost, and the first failure of several is reported. */
export function openSpans(options: SpansOptions): Spans {
  const waiting: object[] = [];
  let isFailing = false;
  let sending: Promise<void> = Promise.resolve();
  const sendAll = async () => {
    while (waiting.length > 0) {
      const error = await send(waiting.splice(0, most.sent), options);
      if (error && !isFailing) options.reporter.failed(error);
      if (!error && isFailing) options.reporter.recovered();
      isFailing = error !== null;
      if (error) return;
    }
  };
  const timer = setInterval(() => {
    sending = sending.then(sendAll);
  }, everyMs).unref();
  return {
    add(served) {
      if (waiting.length >= most.waiting || callerOf(served.traceparent)?.sampled === false) return;
      waiting.push(spanOf(served, options.now()));
    },
    async close() {
      clearInterval(timer);
      await sending.then(sendAll);
    },
  };
}

/** By OTLP in JSON: https://opentelemetry.io/docs/specs/otlp/#json-protobuf-encoding. @returns what went wrong */
async function send(spans: readonly object[], options: SpansOptions): Promise<Error | null> {
  const attributes = attributesOf({ 'service.name': 'mainstem', 'service.version': options.build });
  const scopeSpans = [{ scope: { name: 'mainstem' }, spans }];
  try {
    const response = await fetch(`${options.endpoint.replace(/\/+$/, '')}/v1/traces`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ resourceSpans: [{ resource: { attributes }, scopeSpans }] }),
      signal: AbortSignal.timeout(patienceMs),
    });
    await response.body?.cancel();
    return response.ok ? null : new Error(`the collector answered ${response.status}`);
  } catch (error) {
    return error instanceof Error ? error : new Error(String(error));
  }
}

function spanOf({ name, trace, traceparent, seconds, code, attributes }: Served, now: Date) {
  const end = BigInt(now.getTime()) * 1_000_000n;
  const caller = callerOf(traceparent);
  return {
    traceId: trace['trace.id'],
    // Without a caller's span the lines of the log name this one.
    spanId: caller ? randomUUID().replaceAll('-', '').slice(16) : trace['span.id'],
    ...(caller ? { parentSpanId: caller.span } : {}),
    name,
    /** A server's. */
    kind: 2,
    startTimeUnixNano: String(end - BigInt(Math.round(seconds * 1e9))),
    endTimeUnixNano: String(end),
    attributes: [
      ...attributesOf(attributes),
      { key: 'http.response.status_code', value: { intValue: String(code) } },
    ],
    status: code >= 500 ? { code: 2 } : {},
  };
}

function attributesOf(texts: Readonly<Record<string, string>>) {
  return Object.entries(texts).map(([key, stringValue]) => ({ key, value: { stringValue } }));
}
