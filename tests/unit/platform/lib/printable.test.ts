import fc from 'fast-check';
import { expect, test } from 'vitest';
import { printable, printableLines, printableName } from '../../../../platform/lib/printable.ts';

const controls = /[\p{Cc}\p{Zl}\p{Zp}\u200e\u200f\u202a-\u202e\u2066-\u2069]/u;

test('whatever a text holds, it becomes one line without control characters', () => {
  const text = fc.string({ unit: 'binary', maxLength: 40 });
  fc.assert(fc.property(text, (name) => !controls.test(printable(name))));
});

test('what needs no escaping is left alone, in any script', () => {
  for (const name of ['a b/ü.jpg', '南瓜 🎃.png', "it's 100 %#", '--option'])
    expect(printable(name)).toBe(name);
});

test('escapes and directions of writing are shown, not obeyed', () => {
  expect(printable('a\x1b[31mb\n\t.jpg\u202e')).toBe('a\\x1b[31mb\\n\\t.jpg\\u202e');
});

test('several lines stay several lines', () => {
  expect(printableLines('fatal: no\r\n\tindented\x07')).toBe('fatal: no\n\tindented\\x07');
});

test('blanks that nobody sees are spelt in names, and stay in texts', () => {
  expect(printableName('x\u200b\u2060\ufeff')).toBe('x\\u200b\\u2060\\ufeff');
  expect(printable('https:\u200b//example.org')).toBe('https:\u200b//example.org');
});
