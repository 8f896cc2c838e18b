import { createHash } from 'node:crypto';
import {
  existsSync,
  globSync,
  mkdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { jobToken } from '../github/start-github.ts';
import { type Forge, type JobResult, nextId, type Run, record } from '../github/state.ts';
import type { JobHost, RunnerOptions } from './job-host.ts';
import { compiledFolder, stepScope } from './job-host.ts';
import { asText, asTexts, evaluate, type Scope } from './node.ts';
import { runStep } from './step.ts';
import type { Workflow, WorkflowJob } from './workflow.ts';

/** One job of a run with its place in the matrix, ready to start. */
export interface JobStart {
  readonly forge: Forge;
  readonly options: RunnerOptions;
  readonly run: Run;
  readonly workflow: Workflow;
  readonly definition: WorkflowJob;
  readonly job: JobResult;
  /** What its expressions see before it has steps. */
  readonly scope: Scope;
  readonly environment: string | null;
  readonly signal: AbortSignal;
  /** Number of the machine that runs it, unless that is self-hosted. */
  readonly machine: number;
}

const defaultMinutes = 360;

/** Runs a job's steps in a workspace of its own, with a token that may do what the job declares. */
export async function runJob(start: JobStart): Promise<void> {
  const { job, definition, workflow } = start;
  const host = openHost(start);
  job.status = 'in_progress';
  job.check.status = 'in_progress';
  Object.assign(host.env, asTexts(evaluate(workflow.fields.env, stepScope(host))));
  Object.assign(host.env, asTexts(evaluate(definition.fields.env, stepScope(host))));
  for (const step of definition.steps) {
    if (host.crashed) break;
    await runStep(host, step);
  }
  if (!host.crashed) await runPosts(host);
  const scope = stepScope(host);
  if (!host.crashed) job.outputs = asTexts(evaluate(definition.fields.outputs, scope));
  host.forge.tokens.delete(host.token.value);
  const ended = host.crashed || host.failed ? 'failure' : 'success';
  job.conclusion = host.signal.aborted && !host.crashed ? 'cancelled' : ended;
  discard(host);
}

/**
 * Whatever its label: a hosted machine is empty each time, a self-hosted one keeps its workspace. As on GitHub a workspace
 * has the same path in every job, which is also what lets Node find code again that an earlier job compiled.
 */
function openHost(start: JobStart): JobHost {
  const { forge, options, run, definition, job, signal, machine } = start;
  const label = asText(evaluate(definition.fields['runs-on'], start.scope));
  const own = options.labels?.find((one) => label.includes(one));
  const base = own
    ? join(options.folder, 'self-hosted', own)
    : join(options.folder, 'hosted', String(machine));
  const { name } = forge.home;
  const folders = {
    workspace: join(base, name, name),
    temp: join(base, '_temp'),
    home: join(base, 'home'),
    tools: join(base, '_tool'),
  };
  rmSync(folders.temp, { recursive: true, force: true });
  for (const folder of Object.values(folders)) mkdirSync(folder, { recursive: true });
  if (options.compiled) linkCompiled(base, options.compiled);
  const token = jobToken(forge, job.permissions);
  const minutes = evaluate(definition.fields['timeout-minutes'], start.scope);
  const limit = typeof minutes === 'number' ? minutes : defaultMinutes;
  const host: JobHost = {
    forge,
    run,
    job,
    token,
    options,
    folders,
    contexts: jobContexts(start, { token: token.value, folders }),
    env: {},
    path: [],
    steps: {},
    masks: new Set([token.value, ...Object.values(secretsOf(start))]),
    posts: [],
    signal,
    deadline: Date.now() + limit * 60_000,
    failed: false,
    crashed: false,
  };
  return host;
}

/** Node names compiled code by the way from its folder to the module, so that folder has to be the machine's. */
function linkCompiled(base: string, compiled: string): void {
  mkdirSync(compiled, { recursive: true });
  const link = join(base, compiledFolder);
  if (!existsSync(link)) symlinkSync(compiled, link);
}

function jobContexts(
  start: JobStart,
  { token, folders }: { token: string; folders: JobHost['folders'] },
): Record<string, unknown> {
  const { definition, run, scope } = start;
  const { contexts } = scope;
  const event = join(folders.temp, 'event.json');
  writeFileSync(event, JSON.stringify(run.trigger.payload));
  const more = {
    token,
    job: definition.id,
    workspace: folders.workspace,
    event_path: event,
    action: '',
  };
  return {
    ...contexts,
    github: { ...Object(contexts.github), ...more },
    secrets: { ...secretsOf(start), GITHUB_TOKEN: token },
    runner: {
      os: 'Linux',
      arch: 'X64',
      name: 'simulated',
      temp: folders.temp,
      tool_cache: folders.tools,
      environment: 'github-hosted',
      debug: '',
    },
  };
}

/** None for forks; a job's environment adds its own. */
function secretsOf({ forge, run, environment }: JobStart): Record<string, string> {
  if (run.trigger.fork) return {};
  const { secrets, environments } = forge.settings;
  return { ...secrets, ...environments[environment ?? '']?.secrets };
}

async function runPosts(host: JobHost): Promise<void> {
  for (const post of [...host.posts].reverse()) {
    const step = { name: post.name, conclusion: 'success' as const, log: '' };
    host.job.steps.push(step);
    await post.run((text) => {
      step.log += text;
    });
  }
}

/** A machine of GitHub's is thrown away with its job. */
function discard({ folders, options }: JobHost): void {
  if (folders.workspace.startsWith(join(options.folder, 'self-hosted'))) return;
  rmSync(join(folders.temp, '..'), { recursive: true, force: true });
}

/** `hashFiles` over a workspace. */
export function hashFilesIn(workspace: string, patterns: readonly string[]): string {
  const files = patterns.flatMap((pattern) => globSync(join(workspace, pattern))).sort();
  const hash = createHash('sha256');
  for (const file of files) {
    if (statSync(file).isFile())
      hash.update(createHash('sha256').update(readFileSync(file)).digest());
  }
  return files.length === 0 ? '' : hash.digest('hex');
}

/** A job as it is listed before it starts, with the check that stands on the head commit. */
export function createJob(
  forge: Forge,
  run: Run,
  { key, name, permissions }: Pick<JobResult, 'key' | 'name' | 'permissions'>,
): JobResult {
  const { event, head, sha } = run.trigger;
  // Dispatched runs and what follows on other runs leave checks that no pull request counts.
  const counts = ['pull_request', 'push', 'merge_group'].includes(event);
  const check = {
    id: nextId(forge),
    sha: event === 'pull_request' ? head.sha : sha,
    name,
    status: 'queued' as const,
    conclusion: null,
    counts,
  };
  forge.checkRuns.push(check);
  const job: JobResult = {
    id: nextId(forge),
    name,
    key,
    permissions,
    status: 'queued',
    conclusion: null,
    outputs: {},
    steps: [],
    summary: '',
    check,
  };
  run.jobs.push(job);
  return job;
}

/** Ends a job and its check, and says so where something ran. */
export function endJob(forge: Forge, run: Run, job: JobResult): void {
  job.status = 'completed';
  job.check.status = 'completed';
  job.check.conclusion = job.conclusion;
  if (job.conclusion === 'skipped') return;
  const failed = job.steps.filter(({ conclusion }) => conclusion === 'failure');
  const log = failed.map(({ name, log }) => `${name}\n${log.slice(-4000)}`).join('\n');
  const text = `${run.workflow.name} / ${job.name}: ${job.conclusion}`;
  const attempt = run.attempt > 1 ? ` (attempt ${run.attempt})` : '';
  record(forge, 'job', text + attempt, log === '' ? {} : { detail: log });
}
