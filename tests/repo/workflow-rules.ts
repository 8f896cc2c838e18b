import { parse } from 'yaml';

/** The parts of a workflow that the rules look at. */
interface Workflow {
  readonly on?: Record<string, unknown>;
  readonly permissions?: unknown;
  readonly jobs?: Readonly<Record<string, Job>>;
}

interface Job {
  readonly permissions?: Readonly<Record<string, string>>;
  readonly 'timeout-minutes'?: number;
  readonly 'runs-on'?: string;
  readonly if?: string;
  readonly steps?: readonly Step[];
}

interface Step {
  readonly uses?: string;
  readonly run?: string;
  readonly with?: Readonly<Record<string, unknown>>;
  readonly env?: Readonly<Record<string, unknown>>;
}

/** Inputs of each local action: name → whether it must be given. */
export type ActionInputs = ReadonlyMap<string, ReadonlyMap<string, boolean>>;

/** Each place where a workflow breaks a rule, as a sentence. @param name for the sentences */
export function checkWorkflow(name: string, text: string, actions: ActionInputs): string[] {
  const workflow: Workflow = parse(text);
  const problems: string[] = [];
  const report = (problem: string) => problems.push(`${name}: ${problem}`);
  if (JSON.stringify(workflow.permissions) !== '{}') report('top-level permissions must be {}');
  if (workflow.on && 'pull_request_target' in workflow.on)
    report('pull_request_target is not used here');
  for (const line of uncommentedPins(text)) report(`"${line}" does not say which version it is`);
  for (const [id, job] of Object.entries(workflow.jobs ?? {})) {
    if (job['timeout-minutes'] === undefined) report(`job ${id} has no timeout-minutes`);
    const writes = Object.values(job.permissions ?? {}).includes('write');
    const untrusted = workflow.on !== undefined && 'pull_request' in workflow.on;
    if (untrusted && writes) report(`job ${id} writes although it runs pull request code`);
    for (const step of job.steps ?? []) {
      for (const problem of checkStep(step, actions, workflow)) report(`job ${id}: ${problem}`);
    }
  }
  return problems;
}

/** Steps of other repositories without a comment with the version, which people and Dependabot read. */
function uncommentedPins(text: string): string[] {
  const steps = text.split('\n').map((line) => line.trim());
  return steps.filter(
    (line) => /^(- )?uses: [^.]\S*@/.test(line) && !/ # v\d+\.\d+\.\d+$/.test(line),
  );
}

// biome-ignore lint/suspicious/noTemplateCurlyInString: a workflow's expression.
const defaultBranch = '${{ github.event.repository.default_branch }}';
// biome-ignore lint/suspicious/noTemplateCurlyInString: a workflow's expression.
const jobToken = '${{ github.token }}';

function* checkStep(
  { uses, run, with: inputs = {}, env = {} }: Step,
  actions: ActionInputs,
  workflow: Workflow,
): Generator<string> {
  if (run && /\$\{\{/.test(run))
    yield `an expression inside run can be injected into: ${run.trim()}`;
  if (!uses) return;
  if (actions.get(uses)?.has('remote') && env.GITHUB_TOKEN !== jobToken)
    yield `${uses} needs the job’s token as GITHUB_TOKEN: the default remote is the repository's own package`;
  if (uses.startsWith('./')) yield* checkLocal(uses, inputs, actions);
  else if (!/@[0-9a-f]{40}$/.test(uses)) yield `${uses} is not pinned by a full SHA`;
  if (uses.startsWith('actions/download-artifact@') && /run_attempt/.test(String(inputs.name)))
    yield 'an artefact of this attempt is missing where only the failed jobs run again';
  if (!uses.startsWith('actions/checkout@')) return;
  if (inputs['persist-credentials'] !== false) yield 'checkout must not persist credentials';
  const trusted = inputs.ref === undefined || inputs.ref === defaultBranch;
  if (workflow.on && 'workflow_run' in workflow.on && !trusted) {
    yield 'a workflow_run job must check out the default branch only';
  }
  if (inputs.cache !== undefined) yield 'caches can be poisoned by pull requests';
}

function* checkLocal(
  uses: string,
  inputs: Readonly<Record<string, unknown>>,
  actions: ActionInputs,
): Generator<string> {
  const declared = actions.get(uses);
  if (!declared) {
    yield `${uses} does not exist`;
    return;
  }
  for (const input of Object.keys(inputs)) {
    if (!declared.has(input)) yield `${uses} has no input ${input}`;
  }
  for (const [input, required] of declared) {
    if (required && !(input in inputs)) yield `${uses} needs input ${input}`;
  }
}
