import { Default } from 'typebox/value';
import { expect, test } from 'vitest';
import { jobName, type Site, stageTask } from '../../../../../pipeline/cluster/index.ts';
import { JobSettings } from '../../../../../pipeline/cluster/settings.ts';
import { createDispatcher } from '../../../../../pipeline/operations/cluster/dispatch.ts';
import type {
  Condition,
  Kubectl,
  Seen,
} from '../../../../../pipeline/operations/cluster/kubectl.ts';
import { MainstemError } from '../../../../../platform/lib/errors.ts';
import { silentReporter } from '../../../../../platform/lib/reporter.ts';

const site: Site = {
  ...{ project: { name: 'farm', limits: {} }, image: 'farm:1', remote: 's3://farm' },
  ...{ commit: 'c0ffee', backend: 'wasm', recipe: null },
  settings: Default(JobSettings, {}) as JobSettings,
};
const task = stageTask(site, 'train');
const name = jobName(site, task);

const holds = (type: string, facts: Partial<Condition> = {}): Condition => ({
  ...{ type, status: 'True', ...facts },
});

/** What a look at the cluster shows of the task's Job and its pod. */
function seen(conditions: Condition[] | null, state?: object): Seen {
  const labels = { 'batch.kubernetes.io/job-name': name };
  return {
    jobs: conditions ? [{ metadata: { name }, status: { conditions } }] : [],
    pods: state
      ? [{ metadata: { name: 'pod', labels }, status: { containerStatuses: [{ state }] } }]
      : [],
  };
}

/** A cluster that shows one thing after the other. @param there whether the Job is there from before */
function open(
  looks: readonly Seen[],
  { there = false, restart = false, failures = 0, isMissing = false } = {},
) {
  const [said, warned, controller] = [[] as string[], [] as string[], new AbortController()];
  const left = [...looks];
  let failing = failures;
  const kubectl: Kubectl = {
    async create() {
      const isNew = !there || said.includes('remove');
      said.push(isNew ? 'create' : 'exists');
      return isNew;
    },
    async look() {
      if (failing-- > 0)
        throw isMissing
          ? new MainstemError('KUBECTL_MISSING')
          : new MainstemError('KUBECTL_FAILED', { verb: 'get', reason: 'Timeout' });
      const next = left.shift();
      if (!next) controller.abort(new MainstemError('INTERRUPTED'));
      return next ?? seen([]);
    },
    remove: async () => void said.push('remove'),
  };
  const reporter = { ...silentReporter, warn: (text: string) => void warned.push(text) };
  const workspace = { reporter, signal: controller.signal };
  const dispatcher = createDispatcher({ workspace, site, kubectl, restart });
  return { said, warned, run: () => dispatcher.run(task) };
}

const failed = holds('Failed', { reason: 'PodFailurePolicy', message: 'exit code 1' });
const ended = (message: string, exitCode = 1) => ({
  terminated: { exitCode, reason: 'Error', message },
});

test('a Job is waited for until it is complete, whoever submitted it', async () => {
  const fresh = open([seen([]), seen([holds('Complete')])]);
  await fresh.run();
  expect(fresh.said).toEqual(['create']);
  const earlier = open([seen([holds('Complete')])], { there: true });
  await earlier.run();
  expect(earlier.said).toEqual(['exists']);
});

test('a Job that failed before is submitted again only on demand', async () => {
  const looks = [seen([failed]), seen([holds('Complete')])];
  await expect(open(looks, { there: true }).run()).rejects.toMatchObject({ code: 'JOB_FAILED' });
  const again = open(looks, { there: true, restart: true });
  await again.run();
  expect(again.said).toEqual(['exists', 'remove', 'create']);
  const twice = open([seen([failed]), seen([failed])], { there: true, restart: true });
  await expect(twice.run()).rejects.toMatchObject({ code: 'JOB_FAILED' });
});

test.for([
  [
    'TRIAL_FAILED The trial failed with TRAINING_DIVERGED: The loss is NaN.\n  It says …',
    'TRIAL_FAILED',
    'TRAINING_DIVERGED: The loss is NaN.',
  ],
  [
    'a line\nJOB_DIFFERS This machine would not.\n  Build it.',
    'JOB_FAILED',
    'JOB_DIFFERS This machine would not.',
  ],
  ['NODE_OPTIONS are bad', 'JOB_FAILED', 'PodFailurePolicy: exit code 1'],
  ['', 'JOB_FAILED', 'PodFailurePolicy: exit code 1'],
] as const)('what a container said last, %j, is the reason: %s', async ([said, code, words]) => {
  const error = await open([seen([failed], ended(said))])
    .run()
    .catch((thrown: unknown) => thrown);
  expect(error).toMatchObject({ code, message: expect.stringContaining(words) });
});

test('memory that ran out is said as such, and so is a Job that somebody deleted', async () => {
  const killed = { terminated: { exitCode: 137, reason: 'OOMKilled' } };
  await expect(open([seen([failed], killed)]).run()).rejects.toMatchObject({
    ...{ code: 'MEMORY_EXHAUSTED', message: expect.stringContaining(name) },
  });
  await expect(open([seen(null)]).run()).rejects.toMatchObject({ code: 'JOB_GONE' });
});

test('a look that fails is tried again, and said', async () => {
  const { warned, run } = open([seen([holds('Complete')])], { failures: 1 });
  await run();
  expect(warned).toEqual(['The cluster did not do "kubectl get": Timeout.']);
});

test('after a look that failed for good the next task looks again', async () => {
  const { run } = open([seen([holds('Complete')])], { failures: 1, isMissing: true });
  await expect(run()).rejects.toMatchObject({ code: 'KUBECTL_MISSING' });
  await run();
});

test('what keeps a pod from starting is said once, and Ctrl-C ends the waiting but not the Job', async () => {
  const waiting = (message: string) => ({ waiting: { reason: 'ImagePullBackOff', message } });
  const looks = [
    waiting('Back-off 10s pulling "farm:1"'),
    waiting('Back-off 20s pulling "farm:1"'),
  ];
  const stuck = open(looks.map((state) => seen([], state)));
  await expect(stuck.run()).rejects.toMatchObject({ code: 'INTERRUPTED' });
  expect(stuck.warned).toEqual([`${name}: ImagePullBackOff: Back-off pulling "farm:1"`]);
  expect(stuck.said).toEqual(['create']);
});
