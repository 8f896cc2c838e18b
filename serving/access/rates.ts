/** What a caller may still ask now. */
export interface Allowance {
  readonly allowed: boolean;
  /** Requests a minute. */
  readonly rate: number;
  /** Whole requests that are left at once. */
  readonly left: number;
  /** Seconds until there are enough, if there are not; otherwise until all are left. */
  readonly seconds: number;
}

/** Counts requests of callers that have a limit. */
export interface Rates {
  /**
   * Takes one request.
   *
   * @param rate requests a minute @param nowMs a clock that never goes back
   * @param cost as how many it counts; one that costs more than a minute has needs a whole minute
   */
  take(name: string, rate: number, nowMs: number, cost?: number): Allowance;
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
    take(name, rate, nowMs, asked = 1) {
      const cost = Math.min(asked, rate);
      const bucket = buckets.get(name) ?? { tokens: rate, at: nowMs };
      buckets.set(name, bucket);
      const gained = ((nowMs - bucket.at) * rate) / minuteMs;
      bucket.tokens = Math.min(rate, bucket.tokens + Math.max(0, gained));
      bucket.at = nowMs;
      const allowed = bucket.tokens >= cost;
      if (allowed) bucket.tokens -= cost;
      const left = Math.floor(bucket.tokens);
      const missing = (allowed ? rate : cost) - bucket.tokens;
      return { allowed, rate, left, seconds: Math.ceil((missing * minuteMs) / rate / 1000) };
    },
  };
}
