import type { Command } from 'commander';
import type { Check } from '../../../platform/registry/index.ts';
import type { Workspace } from '../../../platform/schemas/index.ts';
import { type CommonOptions, jsonOption, openWorkspace, printResult } from '../command.ts';
import { parseText } from '../options.ts';

interface VerifyOptions extends CommonOptions {
  readonly base: string;
}

/** `verify`: the check that must pass before a promotion is merged. */
export function registerVerify(program: Command): void {
  program
    .command('verify [projects...]')
    .description('prove that what production names may serve: record, artefacts, key and gates')
    .option(
      '--base <revision>',
      'where it is to be merged; its champion is the one to beat',
      parseText,
      'HEAD',
    )
    .option(...jsonOption)
    .addHelpText('after', '\nExample:\n  npx mainstem verify pumpkins --base origin/main')
    .action(runVerify);
}

async function runVerify(names: readonly string[], options: VerifyOptions): Promise<void> {
  const workspace = openWorkspace(options);
  const { promotedModels } = await import('../../../platform/registry/index.ts');
  const wanted = names.length > 0 ? names : await promotedModels(workspace.root);
  const results: { model: string; checks: Check[] }[] = [];
  for (const model of wanted) {
    results.push({ model, checks: await verifyModel(workspace, model, options.base) });
  }
  printResult(options, results, results.map(resultText).join('\n') || 'Nothing is promoted yet.');
  if (results.some(({ checks }) => checks.some((check) => !check.passed))) process.exitCode = 1;
}

/** All checks of one model's production pointer against a base revision. */
export async function verifyModel(
  workspace: Workspace,
  model: string,
  base: string,
): Promise<Check[]> {
  const [{ loadRecord, verify }, { challenge }, { computeRunKey }, { openArena }] =
    await Promise.all([
      import('../../../platform/registry/index.ts'),
      import('../../challenge.ts'),
      import('../../run.ts'),
      import('../../operations/context.ts'),
    ]);
  const arena = await openArena(workspace, model);
  const { root } = workspace;
  return verify({
    root,
    store: arena.store,
    model,
    channel: 'production',
    base,
    treeKey: async (record) => (await computeRunKey(workspace, arena.project, { record })).key,
    gatesAgainst: async (record, run) => {
      const champion =
        run === null || run === record.run ? null : await loadRecord(root, model, run);
      return (await challenge(arena, record, champion)).gates;
    },
  });
}

function resultText({ model, checks }: { model: string; checks: Check[] }): string {
  if (checks.length === 0) return `${model}: nothing is promoted yet.`;
  return checks
    .map(({ passed, message }) => `${passed ? '✓' : '✗'} ${model}: ${message}`)
    .join('\n');
}
