import { existsSync, readFileSync } from 'node:fs';
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { parse } from 'yaml';
import { type ActionInputs, checkWorkflow } from './workflow-rules.ts';

const github = join(import.meta.dirname, '../../.github');

interface Action {
  readonly inputs?: Readonly<
    Record<string, { description?: string; required?: boolean; default?: unknown }>
  >;
  readonly outputs?: Readonly<Record<string, { description?: string }>>;
  readonly runs: { readonly using: string; readonly main: string };
}

async function readActions(): Promise<Map<string, Action>> {
  const entries = await readdir(join(github, 'actions'));
  const named = entries.filter((name) => existsSync(join(github, 'actions', name, 'action.yml')));
  return new Map(
    named.map((name) => [
      name,
      parse(readFileSync(join(github, 'actions', name, 'action.yml'), 'utf8')),
    ]),
  );
}

function inputsOf(actions: ReadonlyMap<string, Action>): ActionInputs {
  return new Map(
    [...actions].map(([name, { inputs = {} }]) => [
      `./.github/actions/${name}`,
      new Map(Object.entries(inputs).map(([input, { required = false }]) => [input, required])),
    ]),
  );
}

const actions = await readActions();
const workflows = await readdir(join(github, 'workflows'));

test.each(workflows)('workflow %s keeps the rules of trust', async (name) => {
  const text = await readFile(join(github, 'workflows', name), 'utf8');
  expect(checkWorkflow(name, text, inputsOf(actions))).toEqual([]);
});

test('every action of another repository has one version in all workflows', async () => {
  const texts = workflows.map((name) => readFileSync(join(github, 'workflows', name), 'utf8'));
  const pins = texts.join('\n').match(/(?<=uses: )[^.\s]\S*@.*$/gm) ?? [];
  const names = new Set(pins.map((pin) => pin.split('@')[0]));
  expect(new Set(pins).size).toBe(names.size);
});

test.each([...actions])(
  'action %s declares what its main.ts reads and sets',
  async (name, action) => {
    expect(action.runs).toEqual({ using: 'node24', main: 'main.ts' });
    const sources = [
      join(github, 'actions', name, 'main.ts'),
      join(github, 'actions/lib/workspace.ts'),
    ];
    const [main = '', shared = ''] = await Promise.all(
      sources.map((path) => readFile(path, 'utf8')),
    );
    const used = (text: string, call: string) =>
      [...text.matchAll(new RegExp(`${call}\\('([^']+)'`, 'g'))].map((found) => found[1]);
    const sharedInputs = used(shared, 'getInput').filter((input) =>
      main.includes(`${input}Input(`),
    );
    expect(new Set([...used(main, 'getInput'), ...sharedInputs])).toEqual(
      new Set(Object.keys(action.inputs ?? {})),
    );
    expect(new Set(used(main, 'setOutput'))).toEqual(new Set(Object.keys(action.outputs ?? {})));
    for (const { description } of Object.values({ ...action.inputs, ...action.outputs })) {
      expect(description).toMatch(/\.$/);
    }
  },
);

const checkout = 'actions/checkout@3d3c42e5aac5ba805825da76410c181273ba90b1';
const download = 'actions/download-artifact@3e5f45b2cfb9172054b4087a40e8e0b5a5461e7c';
const job = (step: string, more = '') =>
  `on: { pull_request: {} }\npermissions: {}\njobs:\n  a:\n    timeout-minutes: 5\n${more}    steps:\n      - ${step}\n`;

test.each([
  [job('uses: actions/checkout@v7'), 'is not pinned by a full SHA'],
  [job(`uses: ${checkout}`), 'must not persist credentials'],
  [job(`uses: ${checkout}`), 'does not say which version it is'],
  // biome-ignore lint/suspicious/noTemplateCurlyInString: a workflow's expression.
  [job('run: echo ${{ github.event.pull_request.title }}'), 'can be injected into'],
  [job('uses: ./.github/actions/nothing'), 'does not exist'],
  [job('uses: ./.github/actions/report'), 'needs input github-token'],
  [job('uses: ./.github/actions/deploy'), 'needs the job’s token as GITHUB_TOKEN'],
  [
    job(`{ uses: ${download}, with: { name: 'a-\${{ github.run_attempt }}' } }`),
    'missing where only the failed jobs run again',
  ],
  [job('run: ls').replace('permissions: {}', 'permissions: write-all'), 'must be {}'],
  [
    job('run: ls', '    permissions: { contents: write }\n'),
    'writes although it runs pull request code',
  ],
  [job('run: ls').replace('    timeout-minutes: 5\n', ''), 'has no timeout-minutes'],
])('a planted violation is found: %#', (text, expected) => {
  expect(checkWorkflow('planted.yml', text, inputsOf(actions)).join('\n')).toContain(expected);
});
