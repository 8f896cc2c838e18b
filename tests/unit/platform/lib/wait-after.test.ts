import { expect, test } from 'vitest';
import { waitAfter } from '../../../../platform/lib/wait-after.ts';

const now = Date.parse('2026-11-26T10:00:00Z');
const after = (status: number, headers: Record<string, string> = {}, text = '', attempt = 1) =>
  waitAfter({ status, headers: new Headers(headers), text }, attempt, now, 0.5);
const seconds = (status: number, headers?: Record<string, string>, text?: string, attempt = 1) =>
  (after(status, headers, text, attempt)?.milliseconds ?? Number.NaN) / 1000;

test.each([400, 401, 404, 409, 410, 422, 301])('what is wrong stays wrong: %d', (status) => {
  expect(after(status)).toBeNull();
});

test('a missing right is not a limit, although both are 403', () => {
  const spent = { 'x-ratelimit-remaining': '0', 'x-ratelimit-reset': `${now / 1000 + 90}` };
  expect(after(403, {}, '{"message":"Resource not accessible by integration"}')).toBeNull();
  expect(after(403, { 'x-ratelimit-remaining': '4999' }, 'Forbidden')).toBeNull();
  expect(after(403, spent)?.reason).toBe('limit');
  expect(after(403, {}, 'You have exceeded a secondary rate limit')?.reason).toBe('limit');
  expect(after(403, { 'retry-after': '7' })?.reason).toBe('limit');
});

test('a limit is waited for as long as GitHub says, and a minute or more where it does not', () => {
  expect(seconds(403, { 'retry-after': '7' })).toBe(7.5);
  expect(seconds(429, { 'retry-after': 'Thu, 26 Nov 2026 10:00:20 GMT' })).toBe(20.5);
  const reset = { 'x-ratelimit-remaining': '0', 'x-ratelimit-reset': `${now / 1000 + 90}` };
  expect(seconds(403, reset)).toBe(90.5);
  expect(seconds(429)).toBe(60.5);
  expect(seconds(429, {}, '', 9)).toBe(256.5);
  expect(seconds(429, { 'retry-after': '999999' })).toBe(2 * 3600 + 0.5);
});

test('faults of the network and of the server are waited out, longer each time, with jitter', () => {
  const network = [1, 2, 3, 4, 20].map((attempt) => waitAfter(null, attempt, now, 0.5));
  expect(network.map((wait) => wait?.milliseconds)).toEqual([500, 1000, 2000, 4000, 150_000]);
  expect(network.map((wait) => wait?.reason)).toEqual(Array(5).fill('network'));
  expect(after(503)).toEqual({ reason: 'server', milliseconds: 500 });
  expect(seconds(503, { 'retry-after': '30' })).toBe(30);
  expect(after(408)?.reason).toBe('server');
  expect(waitAfter(null, 5, now, 0)?.milliseconds).toBeGreaterThan(0);
});
