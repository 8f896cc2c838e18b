import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { allChecks } from '../../pipeline/validation/checks/index.ts';
import { errorCodes } from '../../platform/lib/error-codes.ts';
import { git } from '../../platform/lib/git.ts';
import { codesIn, isCode, leadsSomewhere, pathsIn, proseOf, type Reference } from './references.ts';

const root = join(import.meta.dirname, '../..');
const listed = await git(root, 'ls-files', '--cached', '--others', '--exclude-standard');
const files = listed.split('\n').filter((file) => file !== '' && existsSync(join(root, file)));
const folders = [...new Set(files.flatMap((file) => file.split('/').slice(0, -1).slice(0, 1)))];

// The changelog speaks of what was; these tests plant references that lead nowhere.
const read = files.filter(
  (file) =>
    /\.(ts|js|md|ya?ml)$/.test(file) &&
    !/^CHANGELOG\.md$|^tests\/|\/generated\/|assembly\//.test(file),
);
const texts = new Map(
  await Promise.all(
    read.map(async (file) => [file, await readFile(join(root, file), 'utf8')] as const),
  ),
);

const codes = [...Object.keys(errorCodes), ...allChecks.map(({ code }) => code)];

/** Projects, models and specifiers that pages and comments take as examples, and what git ignores. */
const examples = /(^|\/)fashion\/|^\.\/|^\.mainstem\/|^data\/|^models\/pumpkins\//;

test('no source and no page speaks of a file or folder that is not there', () => {
  const dead = [...texts].flatMap(([file, text]): Reference[] =>
    pathsIn(proseOf(file, text), folders)
      .filter((name) => !examples.test(name))
      .filter((name) => !leadsSomewhere(name, file, files))
      .map((name) => ({ file, name })),
  );
  expect(dead).toEqual([]);
});

test('no source and no page speaks of an error or a check that does not exist', () => {
  const workflows = [...texts].filter(([file]) => file.startsWith('.github/workflows/'));
  const settings = workflows.map(([, text]) => text).join('\n');
  const dead = [...texts].flatMap(([file, text]): Reference[] =>
    codesIn(proseOf(file, text), codes)
      .filter((name) => !isCode(name, codes) && !settings.includes(name))
      .map((name) => ({ file, name })),
  );
  expect(dead).toEqual([]);
});

test('a comment names no design paper: what it says stands in docs', () => {
  const papers = [...texts].filter(([file, text]) => /\bDESIGN\.md\b/.test(proseOf(file, text)));
  expect(papers.map(([file]) => file)).toEqual([]);
});

test('planted references are found, and examples in words are not', () => {
  const prose = proseOf(
    'platform/lib/x.ts',
    [
      '/** See platform/lib/gone.ts, `platform/lib/hash.ts` and docs/nowhere. @throws DATA_GONE, DATA_MISSING, GONE_* */',
      "const path = 'platform/lib/not-a-comment.ts'; // models/<name>/production.json, and/or, 1/2, INIT_…",
    ].join('\n'),
  );
  const paths = pathsIn(prose, folders);
  expect(paths).toEqual(['platform/lib/gone.ts', 'platform/lib/hash.ts', 'docs/nowhere']);
  expect(paths.filter((name) => !leadsSomewhere(name, 'platform/lib/x.ts', files))).toEqual([
    'platform/lib/gone.ts',
    'docs/nowhere',
  ]);
  const named = codesIn(prose, codes);
  expect(named.filter((name) => !isCode(name, codes))).toEqual(['DATA_GONE']);
  expect(named).toContain('INIT_…');
});
