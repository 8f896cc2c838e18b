import { setTimeout as pause } from 'node:timers/promises';
import { emitWorkflowRun } from '../github/events.ts';
import { git, tryGit } from '../github/git.ts';
import { type Forge, nextId, type Run, record, type Trigger } from '../github/state.ts';
import { executeRun } from './execute-run.ts';
import type { RunnerOptions } from './job-host.ts';
import { createLanes } from './lanes.ts';
import type { RunControl, Runner } from './runner.ts';
import { isTriggered } from './triggers.ts';
import { parseWorkflowFile, type Workflow } from './workflow.ts';

/** Connects a runner to the stand-in: from now on its events start workflows. */
export function startRunner(forge: Forge, options: RunnerOptions): Runner {
  const runner: Runner = {
    forge,
    options,
    lanes: createLanes(),
    busy: new Set(),
    settling: 0,
    controls: new Map(),
    waiting: [],
    idle: () => idle(runner),
  };
  forge.listeners.push((trigger) => void settle(runner, () => startWorkflows(runner, trigger)));
  forge.commands.rerun = (run, failedOnly) => rerun(runner, run, failedOnly);
  forge.commands.cancel = (run) => runner.controls.get(run.id)?.cancel('a person cancels it');
  return runner;
}

/** Counts work that is under way, so that `idle` waits for it. */
async function settle(runner: Runner, work: () => Promise<void>): Promise<void> {
  runner.settling += 1;
  await work().catch((error) => remember(runner, error));
  runner.settling -= 1;
}

function remember({ forge }: Runner, error: unknown): void {
  const text = error instanceof Error ? (error.stack ?? error.message) : String(error);
  forge.violations.push(`the runner broke: ${text}`);
}

const pollMs = 25;

async function idle(runner: Runner): Promise<void> {
  for (let quiet = 0; quiet < 3; ) {
    const still = runner.settling === 0 && [...runner.controls.values()].every(isBlocked);
    quiet = still ? quiet + 1 : 0;
    await pause(pollMs);
  }
}

/** Waits for a group, or for a person in all its jobs that could go on. */
function isBlocked({ inLane, working, waiting }: RunControl): boolean {
  return inLane || (working === 0 && waiting > 0);
}

async function startWorkflows(runner: Runner, trigger: Trigger): Promise<void> {
  for (const path of workflowPaths(runner.forge, trigger.files)) {
    const file = path.split('/').at(-1) ?? path;
    if (runner.options.only && !runner.options.only.includes(file)) continue;
    const text = git(runner.forge.home.folder, ['show', `${trigger.files}:${path}`]);
    const workflow = await read(runner, path, text);
    if (workflow && isTriggered(workflow, trigger)) start(runner, workflow, text, trigger);
  }
}

function workflowPaths(forge: Forge, commit: string): string[] {
  const options = ['ls-tree', '--name-only', commit, '.github/workflows/'];
  const listed = tryGit(forge.home.folder, options) ?? '';
  return listed.split('\n').filter((path) => /\.ya?ml$/.test(path));
}

/** A file that GitHub's parser refuses starts nothing. */
async function read(runner: Runner, path: string, text: string): Promise<Workflow | null> {
  try {
    return await parseWorkflowFile(path, text);
  } catch (error) {
    record(runner.forge, 'note', `Invalid workflow file: ${path}`, { detail: String(error) });
    return null;
  }
}

function start(runner: Runner, workflow: Workflow, text: string, trigger: Trigger): void {
  const { forge } = runner;
  const run: Run = {
    id: nextId(forge),
    workflow: { name: workflow.name, path: workflow.path },
    text,
    trigger,
    attempt: 1,
    status: 'queued',
    conclusion: null,
    jobs: [],
    createdAt: new Date().toISOString().replace(/\.\d+Z$/, 'Z'),
  };
  forge.runs.push(run);
  const [pull] = trigger.pulls;
  const line = `${workflow.name} starts on ${trigger.event}${trigger.action ? ` (${trigger.action})` : ''}`;
  record(forge, 'run', line, pull === undefined ? {} : { pull });
  void finish(runner, run, executeRun(runner, run, workflow, null));
  emitWorkflowRun(forge, run, 'requested');
}

function rerun(runner: Runner, run: Run, failedOnly: boolean): void {
  const before = run.jobs;
  run.attempt += 1;
  run.status = 'queued';
  run.conclusion = null;
  run.jobs = [];
  record(runner.forge, 'run', `${run.workflow.name} runs again: attempt ${run.attempt}`);
  void settle(runner, async () => {
    const workflow = await parseWorkflowFile(run.workflow.path, run.text);
    void finish(runner, run, executeRun(runner, run, workflow, failedOnly ? before : null));
  });
}

/** Whatever happens, a run ends. */
async function finish(runner: Runner, run: Run, execution: Promise<void>): Promise<void> {
  await execution.catch((error) => remember(runner, error));
  runner.controls.delete(run.id);
  run.status = 'completed';
  run.conclusion ??= 'failure';
}
