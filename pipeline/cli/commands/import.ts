import { resolve } from 'node:path';
import type { Command } from 'commander';
import { plural } from '../../../platform/lib/plural.ts';
import { renderBytes } from '../../../platform/lib/text.ts';
import { type CommonOptions, jsonOption, openWorkspace, printResult } from '../command.ts';
import { loadProjects } from '../projects.ts';

/** `import dvc`: takes over the data of a DVC repository. */
export function registerImport(program: Command): void {
  program
    .command('import')
    .description('take over data from another tool')
    .command('dvc <folder> [projects...]')
    .description(
      'store what DVC tracks at the paths of the datasets, and lock it; needs no "dvc checkout"',
    )
    .option(...jsonOption)
    .addHelpText('after', '\nExample:\n  npx mainstem import dvc ../old-repository pumpkins')
    .action(runImportDvc);
}

async function runImportDvc(
  folder: string,
  names: string[],
  options: CommonOptions,
): Promise<void> {
  const workspace = openWorkspace(options);
  const { importDvc, openStore } = await import('../../../platform/storage/index.ts');
  const store = openStore(workspace.root);
  const projects = await loadProjects(workspace.root, names);
  const result = await importDvc(workspace, store, resolve(folder), projects);
  const lines = [
    ...result.imported.map(
      ({ dataset, files, bytes }) =>
        `Locked ${dataset}: ${plural(files, 'file')} (${renderBytes(bytes)}).`,
    ),
    ...(result.left.length > 0
      ? [`Left out, since no dataset has its path: ${result.left.join(', ')}.`]
      : []),
    'Next: npx mainstem checkout, then commit data.lock.json.',
  ];
  printResult(options, result, lines.join('\n'));
}
