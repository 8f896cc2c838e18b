import { isIPv6 } from 'node:net';

/** Counts logins that failed, by address. */
export interface LoginLimit {
  /** Seconds until this address may try again; 0 if it may now. */
  wait(address: string, nowMs: number): number;
  /** Notes a login that failed. */
  fail(address: string, nowMs: number): void;
}

/** How many logins may fail in a window, and how many addresses are remembered. */
interface Limits {
  readonly failures: number;
  readonly windowMs: number;
  readonly addresses: number;
}

const byDefault: Limits = { failures: 10, windowMs: 300_000, addresses: 10_000 };

/**
 * Creates the limit. A key cannot be guessed; this keeps a broken or hostile client from filling the log and the machine's
 * time. Where more addresses fail than are remembered, the oldest is forgotten: memory is bounded.
 */
export function createLoginLimit(limits: Limits = byDefault): LoginLimit {
  const failed = new Map<string, { count: number; readonly since: number }>();
  const current = (address: string, nowMs: number) => {
    const found = failed.get(groupOf(address));
    return found && nowMs - found.since < limits.windowMs ? found : undefined;
  };
  return {
    wait(address, nowMs) {
      const found = current(address, nowMs);
      if (!found || found.count < limits.failures) return 0;
      return Math.ceil((found.since + limits.windowMs - nowMs) / 1000);
    },
    fail(address, nowMs) {
      const found = current(address, nowMs);
      if (found) {
        found.count += 1;
        return;
      }
      const group = groupOf(address);
      failed.delete(group);
      failed.set(group, { count: 1, since: nowMs });
      const [oldest] = failed.keys();
      if (failed.size > limits.addresses && oldest !== undefined) failed.delete(oldest);
    },
  };
}

/**
 * Whom an address stands for. A household has 2^64 addresses of IPv6, which differ in the second half; and some proxies write the
 * port of a connection beside its address, of which a client has as many as it likes.
 */
function groupOf(text: string): string {
  const [, inBrackets, beforePort] = /^\[(.*)\](?::\d+)?$|^([\d.]+):\d+$/.exec(text) ?? [];
  const address = inBrackets ?? beforePort ?? text;
  const [, mapped] = /^::ffff:([\d.]+)$/i.exec(address) ?? [];
  if (mapped !== undefined || !isIPv6(address)) return mapped ?? address;
  const [head = [], tail] = address.split('::').map((part) => part.split(':').filter(Boolean));
  const zeros = tail ? Array(8 - head.length - tail.length).fill('0') : [];
  const network = [...head, ...zeros, ...(tail ?? [])].slice(0, 4);
  return network.map((part) => Number.parseInt(part, 16).toString(16)).join(':');
}
