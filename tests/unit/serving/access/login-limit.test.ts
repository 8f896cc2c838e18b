import fc from 'fast-check';
import { expect, test } from 'vitest';
import { createLoginLimit } from '../../../../serving/access/login-limit.ts';

const limits = { failures: 2, windowMs: 60_000, addresses: 3 };
const fail = (limit: ReturnType<typeof createLoginLimit>, address: string, at = 0) => {
  limit.fail(address, at);
  limit.fail(address, at);
};

test('an address waits until its window ends', () => {
  const limit = createLoginLimit(limits);
  limit.fail('192.0.2.1', 0);
  expect(limit.wait('192.0.2.1', 0)).toBe(0);
  limit.fail('192.0.2.1', 10_000);
  expect(limit.wait('192.0.2.1', 10_000)).toBe(50);
  expect(limit.wait('192.0.2.1', 60_000)).toBe(0);
  expect(limit.wait('192.0.2.2', 10_000)).toBe(0);
});

test('addresses of one IPv6 network count as one, and those of IPv4 never do', () => {
  const limit = createLoginLimit(limits);
  fail(limit, '2001:db8:0:1::1');
  expect(limit.wait('2001:db8:0:1:ffff::9', 0)).toBe(60);
  expect(limit.wait('2001:db8:0:2::1', 0)).toBe(0);
  fail(limit, '::ffff:192.0.2.1');
  expect(limit.wait('::ffff:192.0.2.2', 0)).toBe(0);
});

test.each([
  ['192.0.2.1:4711', '192.0.2.1:4712'],
  ['192.0.2.1', '::ffff:192.0.2.1'],
  ['[2001:db8::1]:4711', '2001:DB8:0:0::2'],
  ['2001:0db8::1', '2001:db8:0:0:1:2:3:4'],
  ['fe80::1%eth0', 'fe80::2'],
])('%s and %s count as one, as proxies write them', (one, other) => {
  const limit = createLoginLimit(limits);
  fail(limit, one);
  expect(limit.wait(other, 0)).toBe(60);
});

test('whatever stands in the place of an address counts as one by itself', () => {
  const texts = fc.oneof(fc.ipV6(), fc.stringMatching(/^[0-9a-f:.%[\]]{0,40}$/), fc.string());
  fc.assert(
    fc.property(texts, (text) => {
      const limit = createLoginLimit(limits);
      fail(limit, text);
      expect(limit.wait(text, 0)).toBe(60);
    }),
    { examples: [['a:b:c:d:e:f:0:1:2::'], ['1::2::3'], ['[]:1']] },
  );
});

test('of more addresses than are remembered the oldest is forgotten', () => {
  const limit = createLoginLimit(limits);
  for (const last of [1, 2, 3, 4]) fail(limit, `192.0.2.${last}`);
  expect([1, 2, 3, 4].map((last) => limit.wait(`192.0.2.${last}`, 0))).toEqual([0, 60, 60, 60]);
});
