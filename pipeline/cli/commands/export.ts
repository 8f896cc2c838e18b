import { join, relative, resolve } from 'node:path';
import type { Command } from 'commander';
import { plural } from '../../../platform/lib/plural.ts';
import { renderBytes } from '../../../platform/lib/text.ts';
import { assertOwnOutput } from '../assert-output.ts';
import { type CommonOptions, jsonOption, openWorkspace, printResult } from '../command.ts';
import { parsePath, parseServer } from '../options.ts';

interface ExportOptions extends CommonOptions {
  readonly out?: string;
  readonly server?: string;
}

/** `export web`: a page that answers without a network. */
export function registerExport(program: Command): void {
  program
    .command('export')
    .description('write a promoted model for use elsewhere')
    .command('web <project>')
    .description('a static page that answers in the browser, on a phone, without a network')
    .option('--out <folder>', 'where to write it (default: .mainstem/web/<project>)', parsePath)
    .option(
      '--server <address>',
      'the server that takes corrections once it is in reach (default: none are taken)',
      parseServer,
    )
    .option(...jsonOption)
    .addHelpText(
      'after',
      '\nExample:\n  npx mainstem export web pumpkins --server https://pumpkins.example',
    )
    .action(runExportWeb);
}

async function runExportWeb(name: string, options: ExportOptions): Promise<void> {
  const workspace = openWorkspace(options);
  const { root } = workspace;
  const folder = options.out ? resolve(options.out) : join(root, '.mainstem/web', name);
  // What lies in the folder, and whether it may go, is looked at by the export.
  await assertOwnOutput(root, join(folder, 'export.json'), () => null);
  const { exportWeb } = await import('../../operations/export-web.ts');
  const list = await exportWeb(workspace, { name, folder, server: options.server ?? null });
  const bytes = list.files.reduce((sum, file) => sum + file.bytes, 0);
  const width = Math.max(...list.files.map(({ path }) => path.length));
  const lines = [
    ...list.files
      .toSorted((a, b) => b.bytes - a.bytes)
      .map((file) => `  ${file.path.padEnd(width)}  ${renderBytes(file.bytes)}`),
    `Exported ${name} ${list.run} to ${relative(process.cwd(), folder) || '.'}: ${plural(list.files.length, 'file')}, ${renderBytes(bytes)}.`,
    'Copy the folder to any web server that is reached by https; what else to know: docs/offline.md.',
  ];
  printResult(options, { ...list, folder }, lines.join('\n'));
}
