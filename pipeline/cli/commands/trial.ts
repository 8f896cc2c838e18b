import { type Command, Option } from 'commander';
import type { Digest } from '../../../platform/lib/hash.ts';
import { type BackendChoice, backendChoices } from '../../../platform/schemas/backend-names.ts';
import { type CommonOptions, jsonOption, openWorkspace, printResult } from '../command.ts';
import { parseDigest, parseValues } from '../options.ts';
import { expectOption, sharedRemoteOf, shareOption } from '../share.ts';

interface TrialOptions extends CommonOptions {
  readonly values: Readonly<Record<string, unknown>>;
  readonly backend: BackendChoice;
  readonly footprint?: boolean;
  readonly share?: string | true;
  readonly expect?: Digest;
}

const help = `
The test split is not looked at. A sweep finds what was tried here, and a sweep's Jobs on a cluster run this command.

Example:
  npx mainstem trial penguins --values '{"learningRate": 0.03, "model.hidden": [32, 16]}'
Exit code 1: training failed with these values.`;

/** `trial`: one trial of a search. */
export function registerTrial(program: Command): void {
  program
    .command('trial <project>')
    .description(
      'train with other values and measure on the validation split, as one trial of a sweep',
    )
    .requiredOption(
      '--values <json>',
      'what differs from params.json, by dotted names',
      parseValues,
    )
    .addOption(
      new Option('--backend <name>', 'tensor backend').choices(backendChoices).default('auto'),
    )
    .option('--footprint', 'measure the size and latency of the model’s file, too')
    .option(...shareOption)
    .option(...expectOption, parseDigest)
    .option(...jsonOption)
    .addHelpText('after', help)
    .action(runTrialCommand);
}

async function runTrialCommand(name: string, options: TrialOptions): Promise<void> {
  const [{ openContext }, { tryValues }] = await Promise.all([
    import('../../context.ts'),
    import('../../operations/sweep/try-values.ts'),
  ]);
  const context = await openContext(openWorkspace(options), name);
  const trial = await tryValues(context, { ...options, sharedRemote: sharedRemoteOf(options) });
  const lines = Object.entries(trial.metrics).map(([metric, value]) => `${metric} ${value ?? '–'}`);
  printResult(options, trial, lines.join('\n'));
}
