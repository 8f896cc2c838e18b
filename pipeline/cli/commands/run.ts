import { type Command, Option } from 'commander';
import { type BackendChoice, backendChoices } from '../../../platform/schemas/backend-names.ts';
import { stageNames } from '../../../platform/schemas/stage-names.ts';
import { type CommonOptions, jsonOption, openWorkspace, printResult } from '../command.ts';
import { readDataState, readTreeState, readUnchanged, writeUnchanged } from '../unchanged.ts';

interface RunCommandOptions extends CommonOptions {
  readonly backend: BackendChoice;
  readonly force?: boolean;
  readonly from?: string;
  readonly to?: string;
  readonly dryRun?: boolean;
}

const help = `
Stages: ${stageNames.join(', ')}. prepare-out-of-distribution: of projects with an out-of-distribution set.

Example:
  npx mainstem run pumpkins --dry-run
Says which stages would run and what made them stale, for example "params.learningRate 0.001 → 0.002".`;

/** `run`: brings every stage of a project up to date with the working tree. */
export function registerRun(program: Command): void {
  program
    .command('run <project>')
    .description('run the stages that have no result for the working tree yet')
    .addOption(
      new Option('--backend <name>', 'tensor backend').choices(backendChoices).default('auto'),
    )
    .option('--force', 'run every stage, also where a result is there')
    .addOption(
      new Option(
        '--from <stage>',
        'run this stage and all that follow, also where results are there',
      ).choices(stageNames),
    )
    .addOption(
      new Option('--to <stage>', 'run this stage and what it needs, nothing else').choices(
        stageNames,
      ),
    )
    .option('--dry-run', 'only say what would run, and why')
    .option(...jsonOption)
    .addHelpText('after', help)
    .action(runRun);
}

async function runRun(name: string, options: RunCommandOptions): Promise<void> {
  const workspace = openWorkspace(options);
  const { root } = workspace;
  const question = `run-${name}-${options.backend}`;
  const known = isPlain(options) ? readUnchanged(root, question) : null;
  if (known !== null) return printResult(options, null, known);
  const before = readTreeState(root);
  const [{ datasetsOf }, { openContext }, { run }, { renderStages }] = await Promise.all([
    import('../../../platform/storage/index.ts'),
    import('../../context.ts'),
    import('../../operations/run.ts'),
    import('../../engine/index.ts'),
  ]);
  const context = await openContext(workspace, name);
  const data = readDataState(
    root,
    datasetsOf(context.project).map(({ path }) => path),
  );
  const result = await run(context, options);
  const model = result.record ? `\nModel ${name} ${result.record.run}` : '';
  const answer = `${renderStages(result.stages)}${model}`;
  printResult(options, result, answer);
  const idle = result.stages.every(({ action }) => action === 'reused');
  if (isPlain(options) && idle && result.changedData.length === 0) {
    await writeUnchanged(root, question, { before, data, answer });
  }
}

/** Whether the answer depends on nothing but the tree. */
function isPlain({ json, force, from, to, dryRun }: RunCommandOptions): boolean {
  return !(json || force || from || to || dryRun);
}
