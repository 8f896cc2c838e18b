import { randomUUID } from 'node:crypto';
import { promisify } from 'node:util';
import { gzip } from 'node:zlib';
import { type Static, Type } from 'typebox';
import { isMainstemError } from '../../platform/lib/errors.ts';
import { parseJson } from '../../platform/lib/json.ts';
import { renderAttributes } from './render-span.ts';

/** Where spans go, and whose they are. */
export interface CollectorOptions {
  /** Of OTLP over HTTP, without `/v1/traces`: `http://localhost:4318`. */
  readonly endpoint: string;
  /** Sent with each batch, for a collector that asks who sends it. */
  readonly headers: Readonly<Record<string, string>>;
  readonly compression: 'none' | 'gzip';
  /** What the service is called, and the digest of the server's own files. */
  readonly service: string;
  readonly build: string;
}

/** Why a batch was not taken. */
export interface Refusal {
  readonly error: Error;
  /** Whether it may be taken later. */
  readonly again: boolean;
  /** When, if the collector says so. */
  readonly afterMs: number | null;
}

/** Sends a batch. @returns null if all of it was taken */
export type Send = (spans: readonly object[]) => Promise<Refusal | null>;

const patienceMs = 5000;
/** Longer than this nobody is waited for. */
const longestWaitMs = 300_000;
/** Of which the protocol says that they pass: https://opentelemetry.io/docs/specs/otlp/#failures-1 */
const passing: ReadonlySet<number> = new Set([429, 502, 503, 504]);
/** Answers are a few words. */
const longestAnswer = 65_536;
const compress = promisify(gzip);

/** A collector that takes OTLP over HTTP in JSON. */
export function openCollector({
  endpoint,
  headers,
  compression,
  service,
  build,
}: CollectorOptions): Send {
  const url = `${endpoint.replace(/\/+$/, '')}/v1/traces`;
  const attributes = renderAttributes({
    ...{ 'service.name': service, 'service.version': build },
    // Which of several: process ids are the same in every container.
    'service.instance.id': randomUUID(),
  });
  const isPacked = compression === 'gzip';
  const all = {
    ...headers,
    'content-type': 'application/json',
    ...(isPacked ? { 'content-encoding': 'gzip' } : {}),
  };
  return async (spans) => {
    const scopeSpans = [{ scope: { name: 'mainstem', version: build }, spans }];
    const text = JSON.stringify({ resourceSpans: [{ resource: { attributes }, scopeSpans }] });
    try {
      const body = isPacked ? await compress(text) : text;
      const signal = AbortSignal.timeout(patienceMs);
      const response = await fetch(url, { method: 'POST', headers: all, body, signal });
      return await refusalOf(url, response);
    } catch (cause) {
      const error = new Error(`${url} cannot be reached: ${reasonOf(cause)}`, { cause });
      return { error, again: true, afterMs: null };
    }
  };
}

async function refusalOf(url: string, response: Response): Promise<Refusal | null> {
  const { ok, status, headers } = response;
  const answer = await readAnswer(response);
  if (ok) {
    const left = Number(answer?.partialSuccess?.rejectedSpans ?? 0);
    if (!(left > 0)) return null;
    const why = answer?.partialSuccess?.errorMessage ?? '';
    const error = new Error(`${url} left out ${left} spans: ${why}`);
    return { error, again: false, afterMs: null };
  }
  const error = new Error(
    `${url} answers ${status}${answer?.message ? `: ${answer.message}` : ''}`,
  );
  return { error, again: passing.has(status), afterMs: retryAfter(headers.get('retry-after')) };
}

/** What a collector says: that it left some out, or why it took none. */
const Answer = Type.Object({
  partialSuccess: Type.Optional(
    Type.Object({
      rejectedSpans: Type.Optional(Type.Union([Type.String(), Type.Number()])),
      errorMessage: Type.Optional(Type.String()),
    }),
  ),
  message: Type.Optional(Type.String()),
});
type Answer = Static<typeof Answer>;

/** Reads what the collector says; null where that is not JSON, or far more than a few words. */
async function readAnswer(response: Response): Promise<Answer | null> {
  const size = Number(response.headers.get('content-length') ?? longestAnswer + 1);
  if (size > longestAnswer) {
    await response.body?.cancel();
    return null;
  }
  const text = await response.text();
  try {
    return parseJson(text, Answer, 'the answer');
  } catch (error) {
    if (isMainstemError(error)) return null;
    throw error;
  }
}

/** What the innermost cause says: `fetch` itself only says that it failed. */
function reasonOf(cause: unknown): string {
  if (!(cause instanceof Error)) return String(cause);
  if (cause.cause instanceof Error) return reasonOf(cause.cause);
  return cause.message || ('code' in cause ? String(cause.code) : cause.name);
}

/** Seconds, or a date. */
function retryAfter(header: string | null): number | null {
  if (header === null) return null;
  const ms = /^\d+$/.test(header) ? Number(header) * 1000 : Date.parse(header) - Date.now();
  return Number.isNaN(ms) ? null : Math.min(Math.max(ms, 0), longestWaitMs);
}
