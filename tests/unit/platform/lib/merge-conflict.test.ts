import { execFileSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { Type } from 'typebox';
import { expect } from 'vitest';
import { parseJson } from '../../../../platform/lib/json.ts';
import { parseMergeConflict } from '../../../../platform/lib/merge-conflict.ts';
import { test } from '../../../helpers/folder.ts';

const base = ['{', '  "a": 1,', '  "b": 2,', '  "c": 3', '}', ''];
const changed = (line: number, text: string) => base.with(line, text).join('\n');

/** What git leaves of a merge. */
function merge(folder: string, ours: string, theirs: string, ...options: string[]): string {
  const texts = { ours, base: base.join('\n'), theirs };
  const files = Object.entries(texts).map(([name, text]) => {
    writeFileSync(join(folder, name), text);
    return join(folder, name);
  });
  const labels = ['-L', 'HEAD', '-L', 'base', '-L', 'pears (Add pears)'];
  try {
    return execFileSync('git', ['merge-file', '-p', ...options, ...labels, ...files], {
      encoding: 'utf8',
    });
  } catch (error) {
    // git ends with the number of conflicts.
    return (error as { stdout: string }).stdout;
  }
}

test.for([[], ['--diff3'], ['--zdiff3']])(
  'both sides are read from what git leaves (%j)',
  (options, { folder }) => {
    const [ours, theirs] = [changed(2, '  "b": 20,'), changed(2, '  "b": 200,')];
    const conflict = parseMergeConflict(merge(folder, ours, theirs, ...options));
    expect(conflict).toMatchObject({ ours: 'HEAD', theirs: 'pears (Add pears)' });
    expect(conflict?.texts).toEqual({ ours, theirs });
  },
);

test('changes that git could merge are on both sides', ({ folder }) => {
  const ours = base.with(1, '  "a": 10,').join('\n');
  const theirs = base.with(1, '  "a": 100,').with(3, '  "c": 30').join('\n');
  const texts = parseMergeConflict(merge(folder, ours, theirs))?.texts;
  expect(JSON.parse(texts?.theirs ?? '')).toEqual({ a: 100, b: 2, c: 30 });
  expect(JSON.parse(texts?.ours ?? '').a).toBe(10);
});

test('CRLF is read alike', ({ folder }) => {
  const text = merge(folder, changed(2, '  "b": 20,'), changed(2, '  "b": 200,'));
  const conflict = parseMergeConflict(text.replaceAll('\n', '\r\n'));
  expect(JSON.parse(conflict?.texts.theirs ?? '')).toEqual({ a: 1, b: 200, c: 3 });
});

test('a file without markers has no conflict', () => {
  for (const text of ['', base.join('\n'), '{"a": "<<<<<<< HEAD"}', '=======\n'])
    expect(parseMergeConflict(text)).toBeNull();
});

test('JSON with markers says which sides are in conflict, in place of a syntax error', ({
  folder,
}) => {
  const text = merge(folder, changed(2, '  "b": 20,'), changed(2, '  "b": 200,'));
  expect(() => parseJson(text, Type.Unknown(), 'params.json')).toThrow(
    'params.json has an unresolved merge conflict between HEAD and pears (Add pears).',
  );
  expect(() => parseJson('{', Type.Unknown(), 'params.json')).toThrow(/^params.json is not valid/);
});
