import { resolve } from 'node:path';
import { type Command, Option } from 'commander';
import { plural } from '../../../platform/lib/plural.ts';
import { printable } from '../../../platform/lib/printable.ts';
import type { Report } from '../../../platform/report/index.ts';
import { type CommonOptions, jsonOption, openWorkspace, printResult } from '../command.ts';
import { parsePath } from '../options.ts';

interface ReportOptions extends CommonOptions {
  readonly markdown?: boolean;
  readonly html?: string;
  readonly corrections?: string;
}

/** `report`: the last experiment's report again. */
export function registerReport(program: Command): void {
  program
    .command('report <project>')
    .description('print the report of the last experiment again')
    .option('--markdown', 'as the pull request shows it')
    .addOption(
      new Option(
        '--html <file>',
        'write it as one page with plots and photos, to be opened without a network',
      )
        .argParser(parsePath)
        .conflicts(['markdown', 'corrections']),
    )
    .addOption(
      new Option(
        '--corrections <file>',
        'write the suspected label errors into a CSV file for "lock --corrections"',
      )
        .argParser(parsePath)
        .conflicts('markdown'),
    )
    .option(...jsonOption)
    .addHelpText(
      'after',
      '\nExamples:\n  npx mainstem report pumpkins --markdown > report.md\n  npx mainstem report pumpkins --html report.html',
    )
    .action(runReport);
}

async function runReport(name: string, options: ReportOptions): Promise<void> {
  const { root } = openWorkspace(options);
  const [
    { assertProject },
    { MainstemError },
    { exists },
    { readJson },
    { isDamagedJson },
    { Report: schema, renderMarkdown, renderTerminal },
    { reportPath },
  ] = await Promise.all([
    import('../../../platform/schemas/define/index.ts'),
    import('../../../platform/lib/errors.ts'),
    import('../../../platform/lib/files.ts'),
    import('../../../platform/lib/json-file.ts'),
    import('../../../platform/lib/parse-intact.ts'),
    import('../../../platform/report/index.ts'),
    import('../../operations/report.ts'),
  ]);
  await assertProject(root, name);
  const path = reportPath(root, name);
  if (!(await exists(path))) throw new MainstemError('PROMOTE_NO_CANDIDATE', { model: name });
  const report = await readJson(path, schema).catch((cause: unknown) => {
    if (!isDamagedJson(cause)) throw cause;
    throw new MainstemError(
      'CANDIDATE_DAMAGED',
      { reason: cause.message, project: name },
      { cause },
    );
  });
  if (options.html !== undefined) return writePage(options, report, root);
  if (options.corrections !== undefined) return writeCorrections(options, report, root);
  printResult(options, report, options.markdown ? renderMarkdown(report) : renderTerminal(report));
}

async function writePage(options: ReportOptions, report: Report, root: string): Promise<void> {
  const [{ writeFileAtomic }, { renderHtmlReport }, { openStore }, { assertOwnPage }] =
    await Promise.all([
      import('../../../platform/lib/files.ts'),
      import('../../operations/render-html-report.ts'),
      import('../../../platform/storage/index.ts'),
      import('../assert-output.ts'),
    ]);
  const path = resolve(options.html ?? '');
  await assertOwnPage(root, path);
  await writeFileAtomic(path, await renderHtmlReport(openStore(root), report));
  printResult(options, { file: path }, `Written to ${printable(path)}.`);
}

async function writeCorrections(
  options: ReportOptions,
  report: Report,
  root: string,
): Promise<void> {
  const [
    { writeFileAtomic },
    { keepCorrections, renderCorrections, suspectsOf },
    { assertOwnOutput },
  ] = await Promise.all([
    import('../../../platform/lib/files.ts'),
    import('../../../platform/report/index.ts'),
    import('../assert-output.ts'),
  ]);
  const file = resolve(options.corrections ?? '');
  const apply = `npx mainstem lock ${report.project.name} --corrections ${printable(file)}`;
  await assertOwnOutput(root, file, (content) => {
    const reason = keepCorrections(content);
    return reason?.includes('typed') ? `${reason} ("${apply}" applies them)` : reason;
  });
  await writeFileAtomic(file, renderCorrections(report));
  const suspects = suspectsOf(report).length;
  const text =
    `${plural(suspects, 'suspect')} written to ${printable(file)}. Where a label is wrong, write the right one into its ` +
    `column "corrected", then: ${apply}`;
  printResult(options, { file, suspects }, text);
}
