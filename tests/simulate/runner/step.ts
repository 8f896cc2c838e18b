import { randomUUID } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { record, type StepResult } from '../github/state.ts';
import { parseCommandFile, parseLogCommand } from './command-files.ts';
import { compiledFolder, type JobHost, masked, type StepOutcome, stepScope } from './job-host.ts';
import { asText, asTexts, evaluate, isTrue, type Scope } from './node.ts';
import { runProcess } from './run-process.ts';
import { thirdParty } from './third-party/index.ts';
import { type Action, parseActionFile, type Step } from './workflow.ts';

/** Contexts beside the job's: a composite action has inputs and steps of its own. */
interface Inner {
  readonly contexts: Readonly<Record<string, unknown>>;
  readonly env: Readonly<Record<string, string>>;
  readonly actionPath: string | null;
}

const outside: Inner = { contexts: {}, env: {}, actionPath: null };

interface Raw {
  readonly ok: boolean;
  readonly outputs: Readonly<Record<string, string>>;
}

/** Runs a job's step, or skips it, and keeps what it left. */
export async function runStep(host: JobHost, step: Step): Promise<void> {
  const result: StepResult = { name: nameOf(host, step), conclusion: 'skipped', log: '' };
  host.job.steps.push(result);
  const outcome = await runOne(host, step, result, outside);
  host.steps[step.id] = outcome;
  if (outcome.conclusion === 'failure') host.failed = true;
}

function nameOf(host: JobHost, step: Step): string {
  const { name, fields } = step;
  if (name !== undefined) return asText(evaluate(name, stepScope(host)));
  const run = asText(fields.run ?? '').split('\n')[0] ?? '';
  return fields.uses === undefined
    ? `Run ${run}`
    : asText(fields.uses).replace(/@[0-9a-f]{40}$/, '');
}

async function runOne(
  host: JobHost,
  step: Step,
  result: StepResult,
  inner: Inner,
): Promise<StepOutcome> {
  const skipped: StepOutcome = { outputs: {}, outcome: 'skipped', conclusion: 'skipped' };
  const log = (text: string) => {
    result.log += masked(host, text);
  };
  try {
    const env = { ...inner.env, ...asTexts(evaluate(step.fields.env, scopeOf(host, inner))) };
    const scope = scopeOf(host, { ...inner, env });
    if (!isTrue(step.condition, scope)) return skipped;
    const lenient = evaluate(step.fields['continue-on-error'], scope) === true;
    const { ok, outputs } = await perform(host, step, { env, scope, log, inner });
    const outcome = ok ? 'success' : host.signal.aborted ? 'cancelled' : 'failure';
    const conclusion = outcome === 'failure' && lenient ? 'success' : outcome;
    result.conclusion = conclusion;
    return { outputs, outcome, conclusion };
  } catch (error) {
    log(`Error: ${error instanceof Error ? (error.stack ?? error.message) : String(error)}\n`);
    result.conclusion = 'failure';
    return { outputs: {}, outcome: 'failure', conclusion: 'failure' };
  }
}

function scopeOf(host: JobHost, { contexts, env, actionPath }: Inner): Scope {
  const { github } = host.contexts;
  const path = actionPath === null ? {} : { action_path: actionPath };
  return stepScope(host, {
    ...contexts,
    env: { ...host.env, ...env },
    github: { ...Object(github), ...path },
  });
}

interface Performance {
  readonly env: Readonly<Record<string, string>>;
  readonly scope: Scope;
  readonly log: (text: string) => void;
  readonly inner: Inner;
}

async function perform(host: JobHost, step: Step, with_: Performance): Promise<Raw> {
  const { fields } = step;
  if (fields.run !== undefined) return runScript(host, step, with_);
  const uses = asText(fields.uses);
  const inputs = asTexts(evaluate(fields.with, with_.scope));
  if (!/^[.$]\//.test(uses)) return runThirdParty(host, uses, { ...with_, inputs, step });
  const folder = join(host.folders.workspace, uses.slice(2));
  const file = ['action.yml', 'action.yaml'].map((name) => join(folder, name)).find(existsSync);
  if (!file) throw new Error(`Can't find 'action.yml' under '${folder}'. Did you run checkout?`);
  const action = parseActionFile(uses, readFileSync(file, 'utf8'));
  const given = actionInputs(action, inputs, with_);
  if (action.using === 'composite')
    return runComposite(host, action, { ...with_, inputs: given, folder });
  if (!/^node(20|24)$/.test(action.using)) throw new Error(`${uses} runs on ${action.using}.`);
  return runNodeAction(host, action, { ...with_, inputs: given, folder, step });
}

/** Names are compared without regard to case; what is not given has the default of action.yml. */
function actionInputs(
  action: Action,
  given: Readonly<Record<string, string>>,
  { scope, log }: Performance,
): Record<string, string> {
  const known = new Map(Object.keys(action.inputs).map((name) => [name.toLowerCase(), name]));
  const unknown = Object.keys(given).filter((name) => !known.has(name.toLowerCase()));
  if (unknown.length > 0) log(`Warning: Unexpected input(s) '${unknown.join("', '")}'\n`);
  const defaults = Object.entries(action.inputs).map(([name, input]) => [
    name,
    asText(evaluate(input.default, scope)),
  ]);
  const named = Object.entries(given).map(([name, value]) => [
    known.get(name.toLowerCase()) ?? name,
    value,
  ]);
  return { ...Object.fromEntries(defaults), ...Object.fromEntries(named) };
}

async function runScript(host: JobHost, step: Step, with_: Performance): Promise<Raw> {
  const { fields } = step;
  const script = join(host.folders.temp, `${randomUUID()}.sh`);
  writeFileSync(script, `${asText(evaluate(fields.run, with_.scope))}\n`);
  const shell =
    fields.shell === undefined ? 'default' : asText(evaluate(fields.shell, with_.scope));
  const [program = '', ...args] = shellOf(shell).map((part) => part.replace('{0}', script));
  const folder = asText(evaluate(fields['working-directory'], with_.scope));
  const cwd = join(host.folders.workspace, folder);
  return runCommand(host, step, with_, { program, args, cwd, env: {} });
}

function shellOf(shell: string): string[] {
  if (shell === 'default') return ['bash', '-e', '{0}'];
  if (shell === 'bash') return ['bash', '--noprofile', '--norc', '-e', '-o', 'pipefail', '{0}'];
  if (shell === 'sh') return ['sh', '-e', '{0}'];
  return shell.includes('{0}') ? shell.split(' ') : [shell, '{0}'];
}

interface ActionCall extends Performance {
  readonly inputs: Readonly<Record<string, string>>;
  readonly folder: string;
  readonly step: Step;
}

async function runNodeAction(host: JobHost, action: Action, call: ActionCall): Promise<Raw> {
  const { folder, inputs, step } = call;
  const env = inputVariables(inputs);
  const at = { program: host.options.node, cwd: host.folders.workspace };
  const states: Record<string, string> = {};
  const { post } = action;
  if (post !== null) {
    host.posts.push({
      name: `Post ${nameOf(host, step)}`,
      run: async (log) => {
        const saved = Object.entries(states).map(([name, value]) => [`STATE_${name}`, value]);
        const more = { ...env, ...Object.fromEntries(saved) };
        const command = { ...at, args: [join(folder, post)], env: more };
        await runCommand(host, step, { ...call, log }, command);
      },
    });
  }
  const command = { ...at, args: [join(folder, action.main)], env, states };
  return runCommand(host, step, call, command);
}

function inputVariables(inputs: Readonly<Record<string, string>>): Record<string, string> {
  return Object.fromEntries(
    Object.entries(inputs).map(([name, value]) => [
      `INPUT_${name.replaceAll(' ', '_').toUpperCase()}`,
      value,
    ]),
  );
}

/** Its steps see only their own contexts; the first that fails ends it, except for those that ask. */
async function runComposite(
  host: JobHost,
  action: Action,
  call: Omit<ActionCall, 'step'>,
): Promise<Raw> {
  const steps: Record<string, StepOutcome> = {};
  const failedBefore = host.failed;
  const contexts = { inputs: call.inputs, steps };
  const inner: Inner = { contexts, env: call.env, actionPath: call.folder };
  let ok = true;
  for (const step of action.steps) {
    const result: StepResult = { name: step.id, conclusion: 'skipped', log: '' };
    steps[step.id] = await runOne(host, step, result, inner);
    call.log(result.log);
    if (steps[step.id]?.conclusion === 'failure') {
      ok = false;
      host.failed = true;
    }
  }
  host.failed = failedBefore;
  const outputs = Object.entries(action.outputs).map(([name, node]): [string, string] => [
    name,
    asText(evaluate(node, scopeOf(host, inner))),
  ]);
  return { ok, outputs: Object.fromEntries(outputs) };
}

async function runThirdParty(
  host: JobHost,
  uses: string,
  { inputs, log }: Performance & { inputs: Readonly<Record<string, string>>; step: Step },
): Promise<Raw> {
  const [name = ''] = uses.split('@');
  const equivalent = thirdParty[name];
  if (!equivalent) throw new Error(`${name} has no local equivalent in tests/simulate.`);
  const outputs: Record<string, string> = {};
  try {
    await equivalent({ host, inputs, outputs, log });
    return { ok: true, outputs };
  } catch (error) {
    log(`Error: ${error instanceof Error ? error.message : String(error)}\n`);
    return { ok: false, outputs };
  }
}

interface Command {
  readonly program: string;
  readonly args: readonly string[];
  readonly cwd: string;
  readonly env: Readonly<Record<string, string>>;
  /** Receives what an action saves for its post step. */
  readonly states?: Record<string, string>;
}

async function runCommand(
  host: JobHost,
  step: Step,
  { env, log, inner }: Performance,
  command: Command,
): Promise<Raw> {
  const files = commandFiles(host);
  const outputs: Record<string, string> = {};
  const onText = splitLines((line) => handleLine(host, line, outputs, log));
  const { run, job } = host;
  const point = { workflow: run.workflow.name, job: job.name, step: step.id, attempt: run.attempt };
  const crashMs = (await host.options.onStep?.(point)) ?? undefined;
  const limit = evaluate(step.fields['timeout-minutes'], scopeOf(host, inner));
  const left = host.deadline - Date.now();
  // A step that runs although the job was cancelled is not cancelled again.
  const signal = host.signal.aborted ? new AbortController().signal : host.signal;
  const { code, end } = await runProcess({
    ...command,
    env: { ...stepVariables(host, files), ...env, ...command.env },
    timeoutMs: typeof limit === 'number' ? Math.min(limit * 60_000, left) : left,
    signal,
    crashMs,
    onText: onText.push,
  });
  onText.end();
  if (end === 'crashed') {
    host.crashed = true;
    record(host.forge, 'note', `${run.workflow.name}/${job.name}: the runner dies in "${step.id}"`);
  }
  if (end === 'timeout') log('Error: The operation was canceled: it took too long.\n');
  if (end !== 'exit') return { ok: false, outputs };
  Object.assign(outputs, takeFiles(host, files, command.states));
  if (code !== 0) log(`Error: Process completed with exit code ${code}.\n`);
  return { ok: code === 0, outputs };
}

type CommandFiles = Readonly<Record<'output' | 'env' | 'path' | 'summary' | 'state', string>>;

function commandFiles(host: JobHost): CommandFiles {
  const folder = join(host.folders.temp, '_runner_file_commands');
  mkdirSync(folder, { recursive: true });
  const create = (name: string) => {
    const path = join(folder, `${name}_${randomUUID()}`);
    writeFileSync(path, '');
    return path;
  };
  const [output, env, path, summary, state] = [
    create('set_output'),
    create('set_env'),
    create('add_path'),
    create('step_summary'),
    create('save_state'),
  ];
  return { output, env, path, summary, state };
}

/** Reads what a step wrote into the runner's files. @returns its outputs */
function takeFiles(
  host: JobHost,
  files: CommandFiles,
  states: Record<string, string> | undefined,
): Record<string, string> {
  const read = (name: keyof CommandFiles) => readFileSync(files[name], 'utf8');
  for (const [name, value] of Object.entries(parseCommandFile(read('env')))) {
    if (/^(NODE_OPTIONS|GITHUB_|RUNNER_)/.test(name)) continue;
    host.env[name] = value;
  }
  host.path.unshift(...read('path').split('\n').filter(Boolean));
  host.job.summary += masked(host, read('summary'));
  if (states) Object.assign(states, parseCommandFile(read('state')));
  return parseCommandFile(read('output'));
}

function stepVariables(host: JobHost, files: CommandFiles): Record<string, string> {
  const { folders, forge, options } = host;
  const { github, runner } = host.contexts as Record<string, Record<string, unknown>>;
  const fields = Object.entries(github ?? {}).filter(
    ([name, value]) => typeof value !== 'object' && name !== 'token',
  );
  const named = fields.map(([name, value]) => [`GITHUB_${name.toUpperCase()}`, asText(value)]);
  return {
    ...Object.fromEntries(named),
    CI: 'true',
    GITHUB_ACTIONS: 'true',
    GITHUB_API_URL: forge.url,
    GITHUB_SERVER_URL: forge.url,
    GITHUB_OUTPUT: files.output,
    GITHUB_ENV: files.env,
    GITHUB_PATH: files.path,
    GITHUB_STEP_SUMMARY: files.summary,
    GITHUB_STATE: files.state,
    RUNNER_TEMP: folders.temp,
    RUNNER_TOOL_CACHE: folders.tools,
    RUNNER_OS: asText(runner?.os),
    RUNNER_ARCH: asText(runner?.arch),
    HOME: folders.home,
    LANG: 'C.UTF-8',
    ...(options.compiled && {
      NODE_COMPILE_CACHE: join(folders.temp, '..', compiledFolder),
      NODE_COMPILE_CACHE_PORTABLE: '1',
    }),
    ...options.env,
    ...host.env,
    PATH: [...host.path, process.env.PATH ?? ''].join(delimiter),
  };
}

function handleLine(
  host: JobHost,
  line: string,
  outputs: Record<string, string>,
  log: (text: string) => void,
): void {
  const found = parseLogCommand(line);
  if (found?.command === 'add-mask') {
    host.masks.add(found.message);
    return;
  }
  if (found?.command === 'set-output') outputs[found.properties.name ?? ''] = found.message;
  const shown = found && ['error', 'warning', 'notice'].includes(found.command);
  log(`${shown ? `${found.command}: ${found.message}` : line}\n`);
}

function splitLines(onLine: (line: string) => void) {
  let rest = '';
  return {
    push: (text: string) => {
      const lines = (rest + text).split(/\r?\n/);
      rest = lines.pop() ?? '';
      for (const line of lines) onLine(line);
    },
    end: () => {
      if (rest !== '') onLine(rest);
    },
  };
}
