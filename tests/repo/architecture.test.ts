import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { parseAdditions } from './additions.ts';

const root = join(import.meta.dirname, '../..');

async function readAdditions() {
  return parseAdditions(await readFile(join(root, 'docs/architecture.md'), 'utf8'));
}

function missingPaths(paths: readonly string[]): string[] {
  return paths.filter((path) => !existsSync(join(root, path)));
}

test('the architecture page says what to touch for every kind of addition', async () => {
  const additions = await readAdditions();
  expect(additions.map(({ kind }) => kind)).toEqual([
    ...['validation check', 'quality metric', 'gate kind', 'backend'],
    ...[
      'kind of model',
      'operator of a backbone that can be trained',
      'stage',
      'format of labels that `init` reads',
      'remote',
    ],
    ...['ONNX layer', 'serving route', 'Prometheus metric', 'recorded series', 'dashboard panel'],
    ...['alert', 'objective'],
    ...[
      'report renderer',
      'report section',
      'search method',
      'CLI command',
      'action',
      'project',
      'error code',
      'image format',
    ],
    'artefact of a record',
  ]);
  for (const { kind, paths } of additions) expect(paths, kind).not.toEqual([]);
});

test('every path that the table names is in the repository', async () => {
  const missing = (await readAdditions()).flatMap(({ kind, paths }) =>
    missingPaths(paths).map((path) => `${kind}: ${path}`),
  );
  expect(missing).toEqual([]);
});

const planted = `
## Elsewhere

| to add a … | touch … |
| --- | --- |
| nothing | \`no/such/place.ts\` |

## To add something

| to add a … | touch … | then |
| --- | --- | --- |
| check | \`docs/<name>.ts\`, \`docs/<a>/b.ts\`, \`docs/pages.ts\`; \`export *\`, \`npm run docs\` | \`docs/\` |
| gate kind | \`docs/no-such-file.ts\` and \`docs/nowhere/<kind>.ts\` | \`README.md\` |
`;

test('paths are cut before their first placeholder; commands and names are not paths', () => {
  expect(parseAdditions(planted)).toEqual([
    { kind: 'check', paths: ['docs/', 'docs/', 'docs/pages.ts', 'docs/'] },
    { kind: 'gate kind', paths: ['docs/no-such-file.ts', 'docs/nowhere/', 'README.md'] },
  ]);
});

test('a planted row with a file and a folder that do not exist is found', () => {
  const [, broken] = parseAdditions(planted);
  expect(missingPaths(broken?.paths ?? [])).toEqual(['docs/no-such-file.ts', 'docs/nowhere/']);
});
