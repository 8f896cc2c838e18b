import { expect, test } from 'vitest';
import { readSessionCookie, renderSessionCookie } from '../../../../serving/access/cookies.ts';

test.each<[string | undefined, string | null]>([
  [undefined, null],
  ['', null],
  ['mainstem=a.b', 'a.b'],
  ['theme=dark;mainstem=a.b; x=y', 'a.b'],
  ['mainstem=', null],
  ['notmainstem=a.b', null],
  ['__Host-mainstem=a.b', null],
])('of %j the session is %j', (header, value) => {
  expect(readSessionCookie(header, false)).toBe(value);
});

test('over TLS only the cookie that TLS protects counts', () => {
  expect(readSessionCookie('mainstem=planted; __Host-mainstem=a.b', true)).toBe('a.b');
  expect(readSessionCookie('mainstem=planted', true)).toBeNull();
  expect(renderSessionCookie('a.b', 60, true)).toBe(
    '__Host-mainstem=a.b; Path=/; Max-Age=60; HttpOnly; SameSite=Strict; Secure',
  );
});
