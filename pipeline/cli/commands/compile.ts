import { type Command, Option } from 'commander';
import { type BackendChoice, backendChoices } from '../../../platform/schemas/backend-names.ts';
import type { Target } from '../../operations/cluster/compile.ts';
import { openWorkspace, printResult } from '../command.ts';
import { parseText, wholeNumber } from '../options.ts';
import { imageOption } from '../share.ts';

interface CompileOptions {
  readonly to: Target;
  readonly sweep?: boolean;
  readonly trials?: number;
  readonly parallel?: number;
  readonly remote?: string;
  readonly image?: string;
  readonly backend: BackendChoice;
}

const targets: readonly Target[] = ['kubernetes', 'argo', 'kfp'];

const help = `
What has run there is collected by the same commands as ever, with --share and the same remote:
  npx mainstem run penguins --share s3://farm-jobs
  npx mainstem sweep penguins --share s3://farm-jobs

Examples:
  npx mainstem compile penguins --to argo > penguins.yaml
  npx mainstem compile penguins --to kubernetes --sweep | kubectl create --filename -`;

/** `compile`: a run, or a sweep's trials, as manifests for a cluster. */
export function registerCompile(program: Command): void {
  program
    .command('compile <project>')
    .description('write a run, or the trials of a sweep, as manifests for a cluster')
    .addOption(
      new Option(
        '--to <format>',
        'kubernetes (Jobs), argo (a Workflow) or kfp (Kubeflow Pipelines)',
      )
        .choices(targets)
        .makeOptionMandatory(),
    )
    .option('--sweep', 'the trials of sweep.json instead of a run')
    .option('--trials <number>', 'how many trials, instead of sweep.json', wholeNumber(1, 1000))
    .option('--parallel <number>', 'how many trials at a time: 8', wholeNumber(1, 256))
    .option('--remote <address>', 'where data and results are: a bucket or a registry', parseText)
    .option(...imageOption)
    .addOption(
      new Option('--backend <name>', 'tensor backend').choices(backendChoices).default('auto'),
    )
    .addHelpText('after', help)
    .action(runCompile);
}

async function runCompile(
  this: Command,
  name: string,
  { to: target, ...options }: CompileOptions,
): Promise<void> {
  const [{ openContext }, { compilePipeline }] = await Promise.all([
    import('../../context.ts'),
    import('../../operations/cluster/compile.ts'),
  ]);
  const context = await openContext(openWorkspace(), name);
  const version = this.parent?.version() ?? '';
  const text = await compilePipeline(context, { ...options, target }, version);
  printResult({}, null, text.trimEnd());
}
