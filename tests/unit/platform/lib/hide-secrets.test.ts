import fc from 'fast-check';
import { expect, test } from 'vitest';
import { createAccessKey } from '../../../../platform/lib/access-key.ts';
import { hideSecrets, hideUrlSecrets } from '../../../../platform/lib/hide-secrets.ts';
import { renderFault } from '../../../../platform/lib/report-fault.ts';

const key = createAccessKey();
const token = `eyJhbGciOiJSUzI1NiJ9.eyJzdWIiOiJqZW4ifQ.${'s'.repeat(40)}`;
const encoded = (text: string) =>
  [...text].map((one) => `%${one.charCodeAt(0).toString(16)}`).join('');

test.each([
  `/version?access_token=${key}`,
  `/version?x=${key}`,
  `/version?${key}`,
  `/version?x=1?${key}`,
  `/models/${key}/predict`,
  `/models/${encoded(key)}/predict`,
  `/version?x=${encoded(key)}`,
  `/version?x=${key.slice(0, 40)}`,
  `/version?x=${token}`,
  `http://jen:${key}@localhost/version`,
])('an address shows no key: %s', (url) => {
  const shown = hideUrlSecrets(url);
  for (const secret of [key.slice(9, 30), encoded(key).slice(30, 60), token.slice(0, 20)])
    expect(shown).not.toContain(secret);
  expect(shown).toContain('***');
});

test.each([
  'access_token',
  'api-key',
  'API%5FKEY',
  'password',
  'client_secret',
  'sig%6Eature',
  'auth',
])('what a parameter called %s holds is not shown, whatever it is', (name) => {
  expect(hideUrlSecrets(`/version?a=1&${name}=hush=hush&b=2`)).toBe(`/version?a=1&${name}=***&b=2`);
});

test.each([
  '/predict?from=field',
  '/v2/models/pumpkins/infer',
  '/%zz?%zz=1',
  '/a%20b?c=d%26',
  '/?',
  '*',
])('an address without a secret is shown as it is: %s', (url) =>
  expect(hideUrlSecrets(url)).toBe(url),
);

test('a line of JSON is JSON without its secrets, too, whatever else it holds', () => {
  const part = fc.oneof(
    fc.string(),
    fc.constantFrom(key, token, '//', '@', '?key=', '"', '\\', 'Bearer '),
  );
  const text = fc.array(part, { maxLength: 12 }).map((parts) => parts.join(''));
  fc.assert(
    fc.property(fc.dictionary(text, text), (line) => {
      const shown = hideSecrets(JSON.stringify(line));
      expect(() => JSON.parse(shown)).not.toThrow();
      expect(shown).not.toContain(key);
    }),
  );
});

test('a hostile text does not keep the search busy', () => {
  const began = performance.now();
  for (const part of ['?', '&token', 'token', '//', 'eyJ-', 'mainstem_', '?a=', 'Bearer '])
    hideSecrets(part.repeat(65_536 / part.length));
  expect(performance.now() - began).toBeLessThan(2000);
});

test('the report on an unexpected error shows no key', () => {
  const error = new Error(`cannot read ${key}`, {
    cause: new Error(`/x?access_token=hush ${token}`),
  });
  const report = renderFault(error, { root: '/nowhere', args: ['serve', '--key', key] });
  for (const secret of [key, token, 'hush']) expect(report).not.toContain(secret);
});
