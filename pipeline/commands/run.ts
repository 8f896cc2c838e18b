import { join } from 'node:path';
import { type Command, Option } from 'commander';
import { readTreeState } from '../lib/file-state.js';
import { runQuestion } from '../recall.js';
import type { BackendName } from '../types.ts';
import { type CommonOptions, jsonOption, openWorkspace, printResult } from './command.ts';
import { loadedModules } from './loaded-modules.ts';

interface RunCommandOptions extends CommonOptions {
  readonly backend: 'auto' | BackendName;
  readonly force?: boolean;
  readonly from?: string;
  readonly to?: string;
  readonly dryRun?: boolean;
}

const backends = ['auto', 'tensorflow-gpu', 'tensorflow', 'webgpu', 'wasm'];

/** What a run of any project reads, beside modules. */
const sharedInputs = ['package.json', 'data.lock.json', 'node_modules/.package-lock.json'];

const help = `
Stages: validate, prepare, prepare-other (with an out-of-distribution set), train, evaluate, package.

Example:
  npx mainstem run pumpkins --dry-run
Says which stages would run and what made them stale, for example "params.learningRate 0.001 → 0.002".`;

/** `run`: brings every stage of a project up to date with the working tree. */
export function registerRun(program: Command): void {
  program
    .command('run <project>')
    .description('run the stages that have no result for the working tree yet')
    .addOption(new Option('--backend <name>', 'tensor backend').choices(backends).default('auto'))
    .option('--force', 'run every stage, also where a result is there')
    .option('--from <stage>', 'run this stage and all that follow, also where results are there')
    .option('--to <stage>', 'run this stage and what it needs, nothing else')
    .option('--dry-run', 'only say what would run, and why')
    .option(...jsonOption)
    .addHelpText('after', help)
    .action(run);
}

async function run(name: string, options: RunCommandOptions): Promise<void> {
  const workspace = openWorkspace(options);
  const { root } = workspace;
  const [{ datasetsOf, openStore }, { loadProject, projectsFolder }, { runPipeline }, stages] =
    await Promise.all([
      import('../data/index.ts'),
      import('../define.ts'),
      import('../run.ts'),
      import('../stages/index.ts'),
    ]);
  const log = isPlain(options) ? loadedModules() : null;
  for (const path of sharedInputs) log?.look(path);
  log?.look(join(projectsFolder, name, 'params.json'));
  const project = await loadProject(root, name);
  const paths = datasetsOf(project).map(({ path }) => path);
  const data = { paths, ...readTreeState(root, paths) };
  const result = await runPipeline(workspace, project, { ...options, log: log ?? undefined });
  const { record, changedData } = result;
  const model = record ? `\nModel ${name} ${record.run}` : '';
  const answer = `${stages.renderStages(result.stages)}${model}`;
  printResult(options, result, answer);
  const idle = result.stages.every(({ action }) => action === 'reused');
  if (!log || !record || !idle || changedData.length > 0) return;
  const question = runQuestion(name, options.backend);
  const found = { answer, log, data, record, stages: result.stages, store: openStore(root) };
  const { rememberAnswer } = await import('./unchanged.ts');
  await rememberAnswer({ root, question, ...found });
}

/** Whether the answer depends on nothing but the tree. */
function isPlain({ json, force, from, to, dryRun }: RunCommandOptions): boolean {
  return !(json || force || from || to || dryRun);
}
