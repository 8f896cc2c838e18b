import { stripVTControlCharacters } from 'node:util';
import { expect, test } from 'vitest';
import { renderFindings, renderFindingsMarkdown } from '../../../../pipeline/validation/index.ts';
import type { Finding } from '../../../../platform/schemas/index.ts';

const finding: Finding = {
  code: 'PHOTO_DARK',
  severity: 'warning',
  dataset: 'data/photos',
  message: '7 photos are dark.',
  count: 7,
  examples: ['good/1.jpg 12', 'bad/`rm`|2.jpg 9'],
  hint: 'Look at them.',
};

test('the terminal shows code, message, places, how many more, and the hint, aligned', () => {
  const text = stripVTControlCharacters(renderFindings([{ ...finding, severity: 'info' }]));
  expect(text.split('\n')).toEqual([
    'info     PHOTO_DARK data/photos',
    '         7 photos are dark.',
    '           good/1.jpg 12',
    '           bad/`rm`|2.jpg 9',
    '           … and 5 more',
    '         → Look at them.',
  ]);
});

test('Markdown holds one row per finding, and file names cannot break out of their cell', () => {
  const [, , row = '', ...rest] = renderFindingsMarkdown([finding]).split('\n');
  expect(rest).toEqual([]);
  expect(row).toContain("`bad/'rm'¦2.jpg 9`");
  expect(row.split('|')).toHaveLength(7);
});

test('names from outside are neither HTML nor a mention, a link or an image', () => {
  const evil = '<img src=x> @octocat #1 [x](https://evil.example) ![y](z)\n## done';
  const hostile = { ...finding, dataset: evil, message: evil, examples: [evil], hint: evil };
  const lines = renderFindingsMarkdown([hostile]).split('\n');
  expect(lines).toHaveLength(3);
  const outsideCode = (lines[2] ?? '').replace(/`[^`]*`/g, '').replaceAll('<br>', '');
  expect(outsideCode).not.toMatch(/<|@octocat|#1|https:\/\/|(?<!\\)\[/);
});

test('no findings say so', () => {
  expect(renderFindings([])).toBe('No findings: the data is fine.');
  expect(renderFindingsMarkdown([])).toBe('No findings: the data is fine.');
});
