import type { Command } from 'commander';
import type { CheckResult } from '../../../platform/registry/index.ts';
import { type CommonOptions, jsonOption, openWorkspace, printResult } from '../command.ts';
import { parseText } from '../options.ts';

interface VerifyOptions extends CommonOptions {
  readonly base?: string;
}

/** `verify`: the check that must pass before a promotion is merged. */
export function registerVerify(program: Command): void {
  program
    .command('verify [projects...]')
    .description('prove that the run in production may serve: record, artefacts, key and gates')
    .option(
      '--base <revision>',
      'revision that it will be merged into, whose champion it must beat; without it HEAD, by which a committed pointer serves already',
      parseText,
    )
    .option(...jsonOption)
    .addHelpText('after', '\nExample:\n  npx mainstem verify pumpkins --base origin/main')
    .action(runVerify);
}

async function runVerify(names: readonly string[], options: VerifyOptions): Promise<void> {
  const workspace = openWorkspace(options);
  const base = options.base ?? 'HEAD';
  const [{ openContexts }, { verifyModel, verifyRemoved }, registry] = await Promise.all([
    import('../../context.ts'),
    import('../../operations/verify.ts'),
    import('../../../platform/registry/index.ts'),
  ]);
  const { root } = workspace;
  const promoted = await registry.promotedModels(root);
  const wanted = names.length > 0 ? names : promoted;
  const results: { model: string; checks: CheckResult[] }[] = [];
  for (const context of await openContexts(workspace, wanted)) {
    const model = context.project.definition.name;
    results.push({ model, checks: await verifyModel(context, base) });
  }
  if (names.length === 0) {
    const gone = await registry.promotedModelsAt(root, base);
    for (const model of gone.filter((name) => !promoted.includes(name)))
      results.push({ model, checks: await verifyRemoved(root, model, base) });
  }
  const lines = results.map(renderResult);
  if (options.base === undefined && results.length > 0) lines.push(withoutBase);
  printResult(options, results, lines.join('\n') || 'Nothing is promoted yet.');
  if (results.some(({ checks }) => checks.some((check) => !check.passed))) process.exitCode = 1;
}

/** Who leaves the option out may think that a merge was checked. */
const withoutBase =
  'Compared with HEAD, since --base was not given: whether this may be merged into a branch is checked with --base <branch>.';

function renderResult({ model, checks }: { model: string; checks: CheckResult[] }): string {
  if (checks.length === 0) return `${model}: nothing is promoted yet.`;
  return checks.map((check) => `${markOf(check)} ${model}: ${check.message}`).join('\n');
}

function markOf({ passed, skipped }: CheckResult): string {
  if (skipped) return '–';
  return passed ? '✓' : '✗';
}
