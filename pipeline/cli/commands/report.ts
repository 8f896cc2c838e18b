import { existsSync } from 'node:fs';
import type { Command } from 'commander';
import { type CommonOptions, jsonOption, openWorkspace, printResult } from '../command.ts';

interface ReportOptions extends CommonOptions {
  readonly markdown?: boolean;
}

/** `report`: the last experiment's report again. */
export function registerReport(program: Command): void {
  program
    .command('report <project>')
    .description('print the report of the last experiment again')
    .option('--markdown', 'as the pull request shows it')
    .option(...jsonOption)
    .addHelpText('after', '\nExample:\n  npx mainstem report pumpkins --markdown > report.md')
    .action(runReport);
}

async function runReport(name: string, options: ReportOptions): Promise<void> {
  const { root } = openWorkspace(options);
  const [
    { assertProject },
    { MainstemError },
    { readJson },
    { Report, renderMarkdown, renderTerminal },
    { reportPath },
  ] = await Promise.all([
    import('../../../platform/schemas/define/index.ts'),
    import('../../../platform/lib/errors.ts'),
    import('../../../platform/lib/json-file.ts'),
    import('../../../platform/report/index.ts'),
    import('../../operations/report.ts'),
  ]);
  await assertProject(root, name);
  const path = reportPath(root, name);
  if (!existsSync(path)) throw new MainstemError('PROMOTE_NO_CANDIDATE', { model: name });
  const report = await readJson(path, Report);
  printResult(options, report, options.markdown ? renderMarkdown(report) : renderTerminal(report));
}
