import type { Command } from 'commander';
import { plural } from '../../../platform/lib/plural.ts';
import type { Project } from '../../../platform/schemas/define/index.ts';
import { type CommonOptions, jsonOption, openWorkspace, printResult } from '../command.ts';
import { parsePicture, wholeNumber } from '../options.ts';

interface DataShowOptions extends CommonOptions {
  readonly count: number;
  readonly out?: string;
}

/** `data show <project>`: a contact sheet of the photos, or the first rows of the table with a summary. */
export function registerDataShow(program: Command): void {
  program
    .command('data')
    .description("look at a project's data")
    .command('show')
    .description('write a contact sheet of the photos, or print what the table holds')
    .argument('<project>', 'folder in pipeline/projects')
    .option('--count <number>', 'photos of each class, or rows', wholeNumber(1, 10_000), 16)
    .option('--out <file>', 'where the sheet of photos goes (.jpg or .png)', parsePicture)
    .option(...jsonOption)
    .addHelpText('after', '\nExample:\n  npx mainstem data show pumpkins --count 24')
    .action(runDataShow);
}

const noPicture =
  'error: --out is for photos: of a table no picture is drawn. Leave it out, or send what is printed to a file.';

async function runDataShow(
  name: string,
  options: DataShowOptions,
  command: Command,
): Promise<void> {
  const { loadProject } = await import('../../../platform/schemas/define/index.ts');
  const { root } = openWorkspace(options);
  const project = await loadProject(root, name);
  const ofPhotos = project.definition.task === 'image-classification';
  if (!ofPhotos && options.out !== undefined) command.error(noPicture);
  const shown = ofPhotos
    ? await showPhotos(root, project, options)
    : await showTable(root, project, options);
  const { readLeftOut, renderLeftOut } = await import('../../../platform/storage/index.ts');
  const leftOut = readLeftOut(root, project);
  const notes = leftOut.map((one) => `${one.dataset}: ${renderLeftOut(one.leftOut)}`);
  printResult(options, { ...shown.value, leftOut }, [shown.text, ...notes].join('\n'));
}

async function showTable(root: string, project: Project, { count }: DataShowOptions) {
  const { describeTable } = await import('../show/describe-table.ts');
  const value = await describeTable(root, project, count);
  return { value, text: value.text };
}

async function showPhotos(root: string, project: Project, options: DataShowOptions) {
  const { writeContactSheet } = await import('../show/contact-sheet.ts');
  const value = await writeContactSheet(root, project, options);
  const lines = value.groups.map(({ title, files }) => `${title}: ${plural(files, 'photo')}`);
  return { value, text: [...lines, value.path].join('\n') };
}
