import { setTimeout as pause } from 'node:timers/promises';
import { emitWorkflowRun } from '../github/events.ts';
import { type Conclusion, type JobResult, nextId, type Run, record } from '../github/state.ts';
import { createJob, endJob, hashFilesIn, runJob } from './job.ts';
import type { LaneRules } from './lanes.ts';
import { expandMatrix } from './matrix.ts';
import { asText, evaluate, isTrue, type Node, type Scope } from './node.ts';
import { tokenPermissions } from './permissions.ts';
import type { RunControl, Runner } from './runner.ts';
import type { Workflow, WorkflowJob } from './workflow.ts';

/** What a job means to those that need it, over its whole matrix. */
interface JobEnd {
  readonly result: Conclusion;
  readonly outputs: Readonly<Record<string, string>>;
}

interface Execution {
  readonly runner: Runner;
  readonly run: Run;
  readonly workflow: Workflow;
  readonly control: RunControl;
  readonly ends: Map<string, Promise<JobEnd>>;
  /** Jobs of the attempt before, of which successes are kept; empty where everything runs. */
  readonly before: readonly JobResult[];
}

/**
 * Runs all jobs of a run in the order of their needs, within its concurrency group, and announces its end.
 *
 * @param before jobs of the last attempt, whose successes are kept; null runs everything.
 */
export async function executeRun(
  runner: Runner,
  run: Run,
  workflow: Workflow,
  before: readonly JobResult[] | null,
): Promise<void> {
  const control = createControl(runner, run);
  runner.controls.set(run.id, control);
  const lane = laneOf(workflow.fields.concurrency, runScope(runner, run));
  if (lane) {
    control.inLane = true;
    await enterLane(runner, lane, control);
    control.inLane = false;
  }
  const execution = { runner, run, workflow, control, ends: new Map(), before: before ?? [] };
  run.status = 'in_progress';
  if (control.signal.aborted) {
    run.conclusion = 'cancelled';
  } else {
    const ends = await Promise.all(workflow.jobs.map((job) => endOf(execution, job)));
    run.conclusion = overall(ends, control.signal.aborted);
  }
  run.status = 'completed';
  if (lane) runner.lanes.leave(lane.group, control);
  const attempt = run.attempt > 1 ? ` (attempt ${run.attempt})` : '';
  const [pull] = run.trigger.pulls;
  const line = `${run.workflow.name} ends: ${run.conclusion}${attempt}`;
  record(runner.forge, 'run', line, pull === undefined ? {} : { pull });
  emitWorkflowRun(runner.forge, run, 'completed');
}

function createControl(runner: Runner, run: Run): RunControl {
  const controller = new AbortController();
  return {
    signal: controller.signal,
    inLane: false,
    working: 0,
    waiting: 0,
    cancel: (why) => {
      if (controller.signal.aborted) return;
      record(runner.forge, 'run', `${run.workflow.name} is cancelled: ${why}`);
      controller.abort();
    },
  };
}

function overall(ends: readonly JobEnd[], cancelled: boolean): Conclusion {
  const results = ends.map(({ result }) => result);
  if (results.includes('failure')) return 'failure';
  if (cancelled || results.includes('cancelled')) return 'cancelled';
  return results.every((result) => result === 'skipped') ? 'skipped' : 'success';
}

/** Started once, however many jobs need it. */
function endOf(execution: Execution, job: WorkflowJob): Promise<JobEnd> {
  const known = execution.ends.get(job.id);
  if (known) return known;
  const end = startJob(execution, job);
  execution.ends.set(job.id, end);
  return end;
}

async function startJob(execution: Execution, job: WorkflowJob): Promise<JobEnd> {
  const { runner, run, control } = execution;
  const needed = await neededEnds(execution, job);
  const scope = jobScope(execution, needed, await ancestors(execution, job));
  const wanted = isTrue(job.condition, scope);
  if (isKept(execution, job)) return keep(execution, job);
  if (!wanted || control.signal.aborted) return skip(execution, job, scope, wanted);
  try {
    return await runCombinations(execution, job, scope);
  } catch (error) {
    const failed = addJob(execution, job, scope, '');
    failed.conclusion = 'failure';
    const log = error instanceof Error ? error.message : String(error);
    failed.steps.push({ name: 'Set up job', conclusion: 'failure', log });
    endJob(runner.forge, run, failed);
    return { result: 'failure', outputs: {} };
  }
}

/** It succeeded in the last attempt, and so did all that it depends on. */
function isKept(execution: Execution, job: WorkflowJob): boolean {
  const earlier = execution.before.filter(({ key }) => key === job.id);
  const succeeded = earlier.every(({ conclusion }) => conclusion === 'success');
  const { jobs } = execution.workflow;
  const needed = job.needs.flatMap((id) => jobs.find((one) => one.id === id) ?? []);
  return earlier.length > 0 && succeeded && needed.every((one) => isKept(execution, one));
}

function keep({ run, before }: Execution, job: WorkflowJob): JobEnd {
  const earlier = before.filter(({ key }) => key === job.id);
  run.jobs.push(...earlier);
  return {
    result: 'success',
    outputs: Object.assign({}, ...earlier.map(({ outputs }) => outputs)),
  };
}

function skip(execution: Execution, job: WorkflowJob, scope: Scope, wanted: boolean): JobEnd {
  const { runner, run } = execution;
  const skipped = addJob(execution, job, scope, '');
  skipped.conclusion = wanted ? 'cancelled' : 'skipped';
  endJob(runner.forge, run, skipped);
  return { result: skipped.conclusion, outputs: {} };
}

type Needed = Readonly<Record<string, JobEnd>>;

async function neededEnds(execution: Execution, job: WorkflowJob): Promise<Needed> {
  const { jobs } = execution.workflow;
  const pairs = job.needs.map(async (id) => {
    const needed = jobs.find((one) => one.id === id);
    if (!needed) throw new Error(`${job.id} needs ${id}, which does not exist`);
    return [id, await endOf(execution, needed)] as const;
  });
  // A job that nothing needs lets the others begin first.
  await pause(0);
  return Object.fromEntries(await Promise.all(pairs));
}

/** Results of everything that a job depends on, however far back: success() and failure() look at all of it. */
async function ancestors(execution: Execution, job: WorkflowJob): Promise<Conclusion[]> {
  const { jobs } = execution.workflow;
  const found = new Set<string>();
  const visit = (ids: readonly string[]): void => {
    for (const id of ids.filter((one) => !found.has(one))) {
      found.add(id);
      visit(jobs.find((one) => one.id === id)?.needs ?? []);
    }
  };
  visit(job.needs);
  const ends = await Promise.all([...found].map((id) => execution.ends.get(id)));
  return ends.map((end) => end?.result ?? 'skipped');
}

function jobScope(execution: Execution, needed: Needed, results: readonly Conclusion[]): Scope {
  const { control } = execution;
  const base = runScope(execution.runner, execution.run);
  const cancelled = control.signal.aborted;
  return {
    ...base,
    contexts: { ...base.contexts, needs: needed, matrix: null, strategy: {} },
    status: {
      success: results.every((result) => result === 'success') && !cancelled,
      failure: results.includes('failure') && !cancelled,
      cancelled,
    },
  };
}

/** What a run's own expressions see. */
function runScope(runner: Runner, run: Run): Scope {
  const { forge } = runner;
  const { trigger } = run;
  const vars = trigger.fork ? {} : forge.settings.vars;
  return { contexts: { github: githubContext(runner, run), vars, inputs: inputsOf(run) } };
}

function inputsOf({ trigger }: Run): unknown {
  return trigger.event === 'workflow_dispatch' ? (trigger.payload.inputs ?? {}) : {};
}

function githubContext({ forge }: Runner, run: Run): Record<string, unknown> {
  const { trigger } = run;
  const { pull_request: pull } = trigger.payload as {
    pull_request?: { head: { ref: string }; base: { ref: string } };
  };
  return {
    event_name: trigger.event,
    event: trigger.payload,
    sha: trigger.sha,
    ref: trigger.ref,
    ref_name: trigger.ref.replace(/^refs\/(heads|tags|pull)\//, ''),
    ref_type: trigger.ref.startsWith('refs/tags/') ? 'tag' : 'branch',
    head_ref: pull?.head.ref ?? '',
    base_ref: pull?.base.ref ?? '',
    repository: forge.home.fullName,
    repository_owner: forge.home.owner,
    actor: trigger.actor,
    triggering_actor: trigger.actor,
    run_id: String(run.id),
    run_number: String(run.id),
    run_attempt: String(run.attempt),
    workflow: run.workflow.name,
    workflow_ref: `${forge.home.fullName}/${run.workflow.path}@${trigger.ref}`,
    workflow_sha: trigger.files,
    server_url: forge.url,
    api_url: forge.url,
    graphql_url: `${forge.url}/graphql`,
    retention_days: '90',
  };
}

async function runCombinations(
  execution: Execution,
  job: WorkflowJob,
  scope: Scope,
): Promise<JobEnd> {
  const strategy = evaluate(job.fields.strategy, scope) as Record<string, unknown> | undefined;
  const combinations = strategy?.matrix === undefined ? [null] : expandMatrix(strategy.matrix);
  const failFast = strategy?.['fail-fast'] !== false;
  const group = new AbortController();
  const signal = AbortSignal.any([execution.control.signal, group.signal]);
  const jobs = combinations.map((matrix) => {
    const own = { ...scope, contexts: { ...scope.contexts, matrix } };
    const suffix = matrix === null ? '' : ` (${Object.values(matrix).map(asText).join(', ')})`;
    return { scope: own, job: addJob(execution, job, own, suffix) };
  });
  await Promise.all(
    jobs.map(async (one) => {
      await runInTurn(execution, job, { ...one, signal });
      if (one.job.conclusion === 'failure' && failFast && jobs.length > 1) group.abort();
    }),
  );
  const lenient = evaluate(job.fields['continue-on-error'], scope) === true;
  const results = jobs.map(({ job: { conclusion } }) => conclusion ?? 'failure');
  const worst = (['failure', 'cancelled'] as const).find((one) => results.includes(one));
  const outputs = Object.assign({}, ...jobs.map(({ job }) => filled(job.outputs)));
  return { result: lenient ? 'success' : (worst ?? 'success'), outputs };
}

/** An empty output of one combination does not wipe out what another one set. */
function filled(outputs: Readonly<Record<string, string>>): Record<string, string> {
  return Object.fromEntries(Object.entries(outputs).filter(([, value]) => value !== ''));
}

function addJob(execution: Execution, job: WorkflowJob, scope: Scope, suffix: string): JobResult {
  const { runner, run, workflow } = execution;
  const { fields } = job;
  const name = fields.name === undefined ? job.id + suffix : asText(evaluate(fields.name, scope));
  const { fork } = run.trigger;
  const permissions = tokenPermissions(workflow.fields.permissions, fields.permissions, fork);
  return createJob(runner.forge, run, { key: job.id, name, permissions });
}

interface Turn {
  readonly scope: Scope;
  readonly job: JobResult;
  readonly signal: AbortSignal;
}

/** A job waits for a person, for its group and for a free machine, in this order. */
async function runInTurn(execution: Execution, definition: WorkflowJob, turn: Turn): Promise<void> {
  const { runner, run, workflow } = execution;
  const { forge, options } = runner;
  const { job, scope } = turn;
  const { control } = execution;
  const environment = environmentOf(definition.fields.environment, scope);
  control.waiting += 1;
  await approval(runner, environment.name, turn.signal);
  const lane = laneOf(definition.fields.concurrency, scope);
  const own = new AbortController();
  const waiter = { cancel: () => own.abort() };
  if (lane) await enterLane(runner, lane, waiter, own.signal);
  control.waiting -= 1;
  control.working += 1;
  const signal = AbortSignal.any([turn.signal, own.signal]);
  if (signal.aborted) {
    job.conclusion = 'cancelled';
  } else {
    const machine = await takeMachine(runner);
    const contexts = { ...scope.contexts, vars: varsOf(runner, run, environment.name) };
    const start = { forge, options, run, workflow, definition, job, signal };
    const hashFiles = (patterns: readonly string[]) => hashFilesIn(options.folder, patterns);
    const ready = { ...scope, contexts, hashFiles };
    await runJob({ ...start, machine, scope: ready, environment: environment.name });
    runner.busy.delete(machine);
    if (environment.deploys) addDeployment(execution, environment, job);
  }
  if (lane) runner.lanes.leave(lane.group, waiter);
  control.working -= 1;
  endJob(forge, run, job);
}

interface Environment {
  readonly name: string | null;
  readonly deploys: boolean;
}

function environmentOf(node: Node | undefined, scope: Scope): Environment {
  const value = evaluate(node, scope);
  if (typeof value === 'string') return { name: value, deploys: true };
  if (typeof value !== 'object' || value === null) return { name: null, deploys: false };
  const { name, deployment } = value as Record<string, unknown>;
  return { name: asText(name), deploys: deployment !== false };
}

function varsOf({ forge }: Runner, run: Run, environment: string | null): Record<string, string> {
  if (run.trigger.fork) return {};
  const { vars, environments } = forge.settings;
  return { ...vars, ...environments[environment ?? '']?.vars };
}

/** Naming an environment makes a deployment. */
function addDeployment({ runner, run }: Execution, { name }: Environment, job: JobResult): void {
  const state = job.conclusion === 'success' ? 'success' : 'failure';
  const { sha, ref } = run.trigger;
  const environment = name ?? '';
  const id = nextId(runner.forge);
  runner.forge.deployments.push({ id, environment, sha, ref, state, url: null });
  record(runner.forge, 'deployment', `${environment}: ${state} (${sha.slice(0, 7)})`);
}

async function approval(
  runner: Runner,
  environment: string | null,
  signal: AbortSignal,
): Promise<void> {
  if (environment === null || !runner.forge.settings.environments[environment]?.reviewers) return;
  record(runner.forge, 'note', `${environment}: a job waits for a reviewer`);
  await orAbort(signal, (approve) => runner.waiting.push({ environment, approve }));
}

interface LanePlace extends LaneRules {
  readonly group: string;
}

function laneOf(node: Node | undefined, scope: Scope): LanePlace | null {
  const value = evaluate(node, scope);
  if (value === undefined || value === null) return null;
  if (typeof value !== 'object')
    return { group: asText(value), cancelInProgress: false, queue: 'single' };
  const { group, queue, 'cancel-in-progress': cancel } = value as Record<string, unknown>;
  return {
    group: asText(group),
    cancelInProgress: cancel === true || cancel === 'true',
    queue: queue === 'max' ? 'max' : 'single',
  };
}

async function enterLane(
  runner: Runner,
  { group, ...rules }: LanePlace,
  waiter: { cancel(why: string): void; readonly signal?: AbortSignal },
  signal: AbortSignal | undefined = waiter.signal,
): Promise<void> {
  const turn = runner.lanes.enter(group, waiter, rules);
  await orAbort(signal, (go) => void turn.then(go));
}

/** Waits until it may go on or is cancelled. */
function orAbort(signal: AbortSignal | undefined, wait: (go: () => void) => void): Promise<void> {
  return new Promise((resolve) => {
    if (signal?.aborted) return resolve();
    signal?.addEventListener('abort', () => resolve(), { once: true });
    wait(resolve);
  });
}

/** Waits for a free machine. @returns its number, which is taken */
async function takeMachine({ busy, options }: Runner): Promise<number> {
  const all = Array.from({ length: options.parallel ?? 2 }, (_, at) => at);
  for (;;) {
    const free = all.find((at) => !busy.has(at));
    if (free !== undefined) {
      busy.add(free);
      return free;
    }
    await pause(20);
  }
}
