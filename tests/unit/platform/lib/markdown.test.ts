import fc from 'fast-check';
import { expect, test } from 'vitest';
import {
  htmlText,
  markdownCode,
  markdownText,
  plainText,
  unlinkedText,
} from '../../../../platform/lib/markdown.ts';

const fragments = fc.constantFrom(
  ...['<', '>', '&', '&lt;', '<img src=x onerror=alert(1)>', '<!--', '@octocat', '#1', 'GH-12'],
  ...[
    '[x](y)',
    '![x](https://evil.example)',
    '|',
    '\\|',
    '\\',
    '`',
    '```',
    '~~',
    '**',
    '_',
    '$',
    '~~~',
  ],
  ...[
    'https://evil.example',
    'www.evil.example',
    '\n',
    '\r',
    '\u2028',
    '\u202e',
    '\u001b[31m',
    '\0',
  ],
  ...['- ', '1. ', '===', '---', '# ', '😀', 'a', ' ', '\u200b'],
);
const anything = fc.oneof(
  fc.array(fragments).map((parts) => parts.join('')),
  fc.string({ unit: 'binary' }),
);

/** Where a character stands that no backslash disarms: after an even number of them. */
function unescaped(character: string): RegExp {
  return new RegExp(`(?<!\\\\)(?:\\\\\\\\)*\\${character}`);
}

test('in an HTML element no backslash shows, and nothing is markup, a mention or a link', () => {
  expect(htmlText('body_mass [3000,4000) </summary> @jen')).toBe(
    'body_mass [3000,4000) &lt;/summary&gt; @\u200bjen',
  );
  fc.assert(
    fc.property(anything, (text) => {
      const safe = htmlText(text);
      expect(safe).not.toMatch(/[<>"]/);
      expect(safe).not.toMatch(/@\w|#\w|GH-\d|:\/\/|www\./i);
    }),
  );
});

test.each(['JIRA-12', 'gh-12', 'a'.repeat(40), `fixes ${'0123456789'.repeat(4)}.`])(
  'GitHub links nothing in %j',
  (text) => {
    expect(unlinkedText(text)).toContain('\u200b');
    expect(unlinkedText(text).replaceAll('\u200b', '')).toBe(text);
  },
);

test('no text brings HTML, a mention, an issue, a link, a table cell or a line', () => {
  fc.assert(
    fc.property(anything, (text) => {
      const safe = markdownText(text);
      expect(safe).not.toMatch(/[<>]/);
      expect(safe).not.toMatch(/&(?!amp;|lt;|gt;)/);
      expect(safe).not.toMatch(/@\w|#\w|GH-\d|:\/\/|www\./i);
      for (const mark of ['[', ']', '|', '`', '*', '_', '~', '$']) {
        expect(safe).not.toMatch(unescaped(mark));
      }
      expect(safe).not.toMatch(/[\n\r\u2028\u2029]|\p{Cc}/u);
      expect(safe).not.toMatch(/^([-+]|\d+[.)])(\s|$)|^(-+|=+)$|^#+\s/);
    }),
    { numRuns: 1000 },
  );
});

test('no name ends its code span, its table cell or its line', () => {
  fc.assert(
    fc.property(anything, (text) => {
      const span = markdownCode(text);
      if (span === '') return;
      expect(span).toMatch(/^`[^`|]+`$/);
      expect(span).not.toMatch(/\p{Cc}|\u2028|\u2029/u);
    }),
  );
});

test('a title or a commit message links nothing and is one line', () => {
  expect(unlinkedText('fixes #1, GH-2\nfor @jen: https://a.example')).toBe(
    'fixes #\u200b1, GH\u200b-2 for @\u200bjen: https:\u200b//a.example',
  );
});

test('harmless text stays as it is', () => {
  for (const text of [
    'Class good has 5.0 times as many photos as bad.',
    'Zürich, 東京 −3 %',
    '-3',
  ]) {
    expect(markdownText(text)).toBe(text);
  }
});

test('long text is cut, and no character with it', () => {
  expect(plainText('x'.repeat(400))).toHaveLength(300);
  expect(plainText('😀'.repeat(400))).toMatch(/^(😀)+…$/u);
});
