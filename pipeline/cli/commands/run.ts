import { join } from 'node:path';
import { type Command, Option } from 'commander';
import type { FileLog } from '../../../platform/lib/file-log.ts';
import { readTreeState } from '../../../platform/lib/file-state.js';
import type { Digest } from '../../../platform/lib/hash.ts';
import { lockFile, projectsFolder } from '../../../platform/lib/layout.ts';
import { type BackendChoice, backendChoices } from '../../../platform/schemas/backend-names.ts';
import { stageNames } from '../../../platform/schemas/stage-names.ts';
import type { ProjectContext } from '../../context.ts';
import type { RunResult } from '../../run.ts';
import { type CommonOptions, jsonOption, openWorkspace, printResult } from '../command.ts';
import { loadedModules } from '../loaded-modules.ts';
import { parseDigest } from '../options.ts';
import { runQuestion } from '../recall.js';
import {
  assertPlace,
  expectOption,
  imageOption,
  places,
  sharedRemoteOf,
  shareOption,
} from '../share.ts';

interface RunCommandOptions extends CommonOptions {
  readonly backend: BackendChoice;
  readonly force?: boolean;
  readonly from?: string;
  readonly to?: string;
  readonly dryRun?: boolean;
  readonly share?: string | true;
  readonly expect?: Digest;
  readonly on?: string;
  readonly image?: string;
  readonly restart?: boolean;
}

/** What a run of any project reads apart from modules and data. */
const sharedInputs = ['package.json', lockFile, 'node_modules/.package-lock.json'];

const help = `
Stages: ${stageNames.join(', ')}. prepare-out-of-distribution: only in projects with an out-of-distribution set.

Example:
  npx mainstem run pumpkins --dry-run
Says which stages would run and what made them stale, for example "params.learningRate 0.001 → 0.002".`;

/** `run`: brings every stage of a project up to date with the working tree. */
export function registerRun(program: Command): void {
  program
    .command('run <project>')
    .description('run the stages that have no result yet for the working tree')
    .addOption(
      new Option('--backend <name>', 'tensor backend').choices(backendChoices).default('auto'),
    )
    .option('--force', 'run every stage, even if a result already exists')
    .addOption(
      new Option(
        '--from <stage>',
        'run this stage and all that follow, even if results already exist',
      ).choices(stageNames),
    )
    .addOption(
      new Option('--to <stage>', 'run this stage and what it needs, nothing else').choices(
        stageNames,
      ),
    )
    .option('--dry-run', 'only say what would run, and why')
    .option(...shareOption)
    .option(...expectOption, parseDigest)
    .addOption(
      new Option('--on <place>', 'run stages elsewhere: as Jobs of the cluster of kubectl')
        .choices(places)
        .conflicts(['force', 'from', 'expect', 'dryRun']),
    )
    .option(...imageOption)
    .option('--restart', 'with --on: submit again what failed before')
    .option(...jsonOption)
    .addHelpText('after', help)
    .action(runRun);
}

async function runRun(name: string, options: RunCommandOptions, command: Command): Promise<void> {
  assertPlace(command, options, ['image', 'restart']);
  const workspace = openWorkspace(options);
  const { root } = workspace;
  const [{ datasetsOf }, { openContext }, { renderStages }] = await Promise.all([
    import('../../../platform/storage/index.ts'),
    import('../../context.ts'),
    import('../../engine/index.ts'),
  ]);
  const log = isPlain(options) ? await noteInputs(name) : null;
  const context = await openContext(workspace, name);
  const paths = datasetsOf(context.project).map(({ path }) => path);
  const data = { paths, ...readTreeState(root, paths) };
  const result = await runHereOrThere(context, options, log);
  const { record, stages, changedData } = result;
  const model = record ? `\nModel ${name} ${record.run}` : '';
  const answer = `${renderStages(stages)}${model}`;
  printResult(options, result, answer);
  const idle = stages.every(({ action }) => action === 'reused');
  if (!log || !record || !idle || changedData.length > 0) return;
  const { rememberAnswer } = await import('../remember-answer.ts');
  const question = runQuestion(name, options.backend);
  // The answer stands; only the next one may take longer to find.
  await rememberAnswer({ context, question, answer, log, data, stages, record }).catch(() => {});
}

async function runHereOrThere(
  context: ProjectContext,
  { on, image, restart, ...options }: RunCommandOptions,
  log: FileLog | null,
): Promise<RunResult> {
  const sharedRemote = sharedRemoteOf(options);
  if (on === undefined) {
    const { run } = await import('../../operations/run.ts');
    return run(context, { ...options, sharedRemote, log: log ?? undefined });
  }
  const { runStages } = await import('../../operations/cluster/run-stages.ts');
  const { backend, to } = options;
  return runStages(context, { backend, to, sharedRemote, cluster: { image, restart } });
}

/** Notes the project's inputs before they are read; null if this process does not watch what it loads. */
async function noteInputs(name: string): Promise<FileLog | null> {
  const { pointerPath } = await import('../../../platform/registry/index.ts');
  const own = [join(projectsFolder, name, 'params.json'), pointerPath(name, 'production')];
  const log = loadedModules();
  for (const path of [...sharedInputs, ...own]) log?.observe(path);
  return log;
}

/** Whether the answer depends on nothing but the tree. */
function isPlain({ json, force, from, to, dryRun, share, expect, on }: RunCommandOptions): boolean {
  return !(json || force || from || to || dryRun || share || expect || on);
}
