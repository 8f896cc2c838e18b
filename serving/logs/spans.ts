import { renderSpan, type Served } from './render-span.ts';
import { type CollectorOptions, openCollector, type Refusal } from './send-spans.ts';
import { callerOf } from './trace.ts';

/** Sends a span for each request to a collector of OpenTelemetry. */
export interface Spans {
  /** Takes a request that has just ended. Costs no time of it, and is thrown away where too many wait. */
  add(served: Served): void;
  /** Sends what waits, once, and ends. */
  close(): Promise<void>;
}

/** Where spans go, and who hears of it. */
export interface SpansOptions extends CollectorOptions {
  readonly now: () => Date;
  readonly reporter: {
    /** Called at the first of several failures. */
    failed(error: Error): void;
    recovered(): void;
  };
}

const most = { waiting: 4096, sent: 512 } as const;
const everyMs = 1000;
/** Between two attempts: at first, and at most. */
const [firstPauseMs, longestPauseMs] = [1000, 30_000];

/**
 * Starts sending, every second. What a collector may take later waits for it, within bounds; what it will never take is lost. The first
 * failure of several is reported.
 */
export function openSpans(options: SpansOptions): Spans {
  const waiting: object[] = [];
  const send = openCollector(options);
  const { reporter, now } = options;
  let failures = 0;
  let from = 0;
  let sending: Promise<void> = Promise.resolve();
  const note = (refusal: Refusal | null) => {
    if (refusal && failures === 0) reporter.failed(refusal.error);
    if (!refusal && failures > 0) reporter.recovered();
    failures = refusal ? failures + 1 : 0;
    from = performance.now() + (refusal?.again ? pauseOf(refusal, failures) : 0);
  };
  const sendAll = async () => {
    while (waiting.length > 0) {
      const batch = waiting.slice(0, most.sent);
      const refusal = await send(batch);
      if (!refusal?.again) waiting.splice(0, batch.length);
      note(refusal);
      if (refusal) return;
    }
  };
  const timer = setInterval(() => {
    sending = sending.then(() => (performance.now() < from ? undefined : sendAll()));
  }, everyMs).unref();
  return {
    add(served) {
      if (waiting.length >= most.waiting || callerOf(served.traceparent)?.sampled === false) return;
      waiting.push(renderSpan(served, now()));
    },
    async close() {
      clearInterval(timer);
      await sending.then(sendAll);
    },
  };
}

/** As the collector asks, else longer and longer; many servers must not come back at the same moment. */
function pauseOf({ afterMs }: Refusal, failures: number): number {
  const grown = Math.min(firstPauseMs * 2 ** (failures - 1), longestPauseMs);
  return afterMs ?? grown * (0.5 + Math.random() / 2);
}
