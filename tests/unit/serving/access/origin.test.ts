import { expect, test } from 'vitest';
import { isCrossSite, isSameOrigin } from '../../../../serving/access/origin.ts';

const host = 'Farm.example:8080';

test.each([
  [{ host, 'sec-fetch-site': 'same-origin' }, false, true],
  [{ host, 'sec-fetch-site': 'none' }, false, true],
  [{ host, 'sec-fetch-site': 'same-site' }, true, false],
  [{ host, 'sec-fetch-site': 'cross-site', origin: 'http://farm.example:8080' }, true, false],
  [{ host, origin: 'http://farm.example:8080' }, false, true],
  [{ host, origin: 'http://farm.example' }, true, false],
  [{ host, origin: 'null' }, true, false],
  [{ host, origin: 'http://evil.example/farm.example:8080' }, true, false],
  [{ host }, false, false],
])('%j', (headers, crossSite, sameOrigin) => {
  expect(isCrossSite(headers)).toBe(crossSite);
  expect(isSameOrigin(headers)).toBe(sameOrigin);
});

test('a site that is listed may call, but never counts as the page itself', () => {
  const headers = { host, 'sec-fetch-site': 'cross-site', origin: 'https://town.example' };
  expect(isCrossSite(headers, new Set(['https://town.example']))).toBe(false);
  expect(isSameOrigin(headers)).toBe(false);
});
