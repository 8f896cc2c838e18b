/** What a caller may still ask now. */
export interface Allowance {
  readonly allowed: boolean;
  /** Requests a minute. */
  readonly rate: number;
  /** Whole requests that are left at once. */
  readonly left: number;
  /** Seconds until one more is left, if none is; otherwise until all are. */
  readonly seconds: number;
}

/** Counts requests of callers that have a limit. */
export interface Rates {
  /** Takes one request. @param rate requests a minute @param nowMs a clock that never goes back */
  take(name: string, rate: number, nowMs: number): Allowance;
}

interface Bucket {
  tokens: number;
  at: number;
}

const minuteMs = 60_000;

/**
 * Creates counters: each caller has a bucket that holds a minute's requests and fills up steadily (token bucket). There are
 * as many buckets as names, which are those of keys.
 */
export function createRates(): Rates {
  const buckets = new Map<string, Bucket>();
  return {
    take(name, rate, nowMs) {
      const bucket = buckets.get(name) ?? { tokens: rate, at: nowMs };
      buckets.set(name, bucket);
      const gained = ((nowMs - bucket.at) * rate) / minuteMs;
      bucket.tokens = Math.min(rate, bucket.tokens + Math.max(0, gained));
      bucket.at = nowMs;
      const allowed = bucket.tokens >= 1;
      if (allowed) bucket.tokens -= 1;
      const left = Math.floor(bucket.tokens);
      const missing = (allowed ? rate : 1) - bucket.tokens;
      return { allowed, rate, left, seconds: Math.ceil((missing * minuteMs) / rate / 1000) };
    },
  };
}
