import { spawnSync } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { parse } from 'yaml';
import { contexts } from '../../.github/actions/lib/statuses.ts';

const root = join(import.meta.dirname, '../..');

interface Job {
  readonly needs?: readonly string[];
  readonly if?: string;
  readonly steps: readonly { readonly run: string; readonly env: Record<string, string> }[];
}

interface Workflow {
  readonly on: Readonly<Record<string, { readonly paths?: readonly string[] } | null>>;
  readonly jobs: Readonly<Record<string, Job>>;
}

async function readCheck(): Promise<{ workflow: Workflow; last: Job }> {
  const text = await readFile(join(root, '.github/workflows/check.yml'), 'utf8');
  const workflow: Workflow = parse(text);
  const last = workflow.jobs['ci-ok'];
  if (!last) throw new Error('check.yml has no job ci-ok');
  return { workflow, last };
}

/** Runs the job's script as the runner does, with the results that other jobs ended with. */
async function runLast(results: Readonly<Record<string, string>>, mayBeSkipped?: string) {
  const [step] = (await readCheck()).last.steps;
  const needs = Object.entries(results).map(([name, result]) => [name, { result, outputs: {} }]);
  const env = {
    PATH: process.env.PATH,
    ...step?.env,
    NEEDS: JSON.stringify(Object.fromEntries(needs)),
    ...(mayBeSkipped === undefined ? {} : { MAY_BE_SKIPPED: mayBeSkipped }),
  };
  return spawnSync('bash', ['-e', '-c', step?.run ?? ''], { env, encoding: 'utf8' });
}

test('ci-ok waits for every other job of its workflow and runs whatever their result', async () => {
  const { workflow, last } = await readCheck();
  const others = Object.keys(workflow.jobs).filter((name) => name !== 'ci-ok');
  expect(last.needs).toEqual(others);
  expect(last.if).toBe('always()');
});

test('the workflow of the required check runs for every pull request and merge group', async () => {
  const { workflow } = await readCheck();
  expect(workflow.on).toHaveProperty('merge_group');
  expect(workflow.on).toHaveProperty('pull_request');
  expect(workflow.on.pull_request?.paths).toBeUndefined();
});

test('ci-ok passes when every job succeeded', async () => {
  const { status, stdout } = await runLast({ test: 'success', verify: 'success' });
  expect({ status, stdout }).toEqual({ status: 0, stdout: '' });
});

test.each(['failure', 'cancelled', 'skipped'])('ci-ok fails when a job was %s', async (result) => {
  const { status, stdout } = await runLast({ test: 'success', verify: result });
  expect(status).toBe(1);
  expect(stdout).toBe(`::error::verify ended as ${result}\n`);
});

test('a job that may be skipped may not fail', async () => {
  const skipped = await runLast({ test: 'success', simulate: 'skipped' }, 'simulate');
  const failed = await runLast({ test: 'success', simulate: 'failure' }, 'simulate');
  expect([skipped.status, failed.status]).toEqual([0, 1]);
});

test('the ruleset requires exactly the statuses that the trusted jobs post, on an up-to-date branch', async () => {
  const ruleset = JSON.parse(await readFile(join(root, '.github/ruleset.json'), 'utf8'));
  const rule = ruleset.rules.find(
    ({ type }: { type: string }) => type === 'required_status_checks',
  );
  const required = rule.parameters.required_status_checks.map(
    ({ context }: { context: string }) => context,
  );
  expect(required).toEqual(contexts.map((name) => `mainstem/${name}`));
  expect(rule.parameters.strict_required_status_checks_policy).toBe(true);
});
