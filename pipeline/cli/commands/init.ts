import { resolve } from 'node:path';
import { type Command, Option } from 'commander';
import { plural } from '../../../platform/lib/plural.ts';
import { printable } from '../../../platform/lib/printable.ts';
import { exampleUnit, showName } from '../../../platform/lib/text.ts';
import type { Task, Workspace } from '../../../platform/schemas/index.ts';
import type { InitRequest, InitResult } from '../../template/init/index.ts';
import { type CommonOptions, jsonOption, openWorkspace, printResult } from '../command.ts';
import { parseColumn, parsePath, parseText, parseWords } from '../options.ts';

interface InitOptions extends CommonOptions {
  readonly from: string;
  readonly photos?: string;
  readonly label?: string;
  readonly task?: Task;
  readonly source?: string;
  readonly licence?: string;
  readonly backbone?: string;
}

const tasks = ['image-classification', 'tabular-classification', 'tabular-regression'];

/** `init`: writes a working project for the data that it is pointed at. */
export function registerInit(program: Command): void {
  program
    .command('init <name>')
    .description('write a working project for your own photos or table')
    .requiredOption(
      '--from <path>',
      'folder of <class>/<photo>, labels of photos (CSV, COCO, CVAT, Label Studio), or CSV or Parquet table',
      parsePath,
    )
    .option('--photos <folder>', 'where the photos are, if not beside their labels', parsePath)
    .option(
      '--label <column>',
      'the column to predict; also which question holds the labels',
      parseColumn,
    )
    .addOption(new Option('--task <task>', 'default: chosen from the data').choices(tasks))
    .option('--source <text>', 'where the data comes from, for the record', parseWords)
    .option('--licence <text>', 'of the data, for the record', parseWords)
    .option(
      '--backbone <file>',
      'of photos: learn from the features of a network that others trained, or of a promoted model (path, address or name)',
      parseText,
    )
    .option(...jsonOption)
    .addHelpText(
      'after',
      '\nExamples:\n  npx mainstem init leaves --from ~/photos/leaves' +
        '\n  npx mainstem init pets --from ~/export/annotations.json --photos ~/photos/pets' +
        '\n  npx mainstem init houses --from houses.csv --label price',
    )
    .action(init);
}

async function init(name: string, options: InitOptions): Promise<void> {
  const workspace = openWorkspace(options);
  const { assertInitName, initProject } = await import('../../template/init/index.ts');
  // Before a backbone is fetched for a project that cannot be.
  await assertInitName(workspace.root, { name, from: resolve(options.from) });
  const { from, photos, label, task, source, licence } = options;
  const backbone = await backboneOf(workspace, name, options);
  const request: InitRequest = {
    ...{ name, from: resolve(from) },
    ...(photos !== undefined && { photos: resolve(photos) }),
    ...(label !== undefined && { label }),
    ...(task !== undefined && { task }),
    ...(source !== undefined && { source }),
    ...(licence !== undefined && { licence }),
    ...(backbone && { backbone }),
  };
  const result = await initProject(workspace, request);
  printResult(options, result, renderInit(result));
}

async function backboneOf(workspace: Workspace, name: string, { backbone: from }: InitOptions) {
  if (from === undefined) return null;
  const { addBackbone } = await import('../../operations/add-backbone.ts');
  const added = await addBackbone(workspace, { from, reserved: name });
  for (const note of added.notes) workspace.reporter.warn(note);
  return added;
}

function renderInit({ name, task, data, copied, examples, classes, files, notes }: InitResult) {
  const unit = exampleUnit(task === 'image-classification' ? 'images' : 'table');
  const counts = Object.entries(classes);
  const shown = counts.slice(0, 12).map(([label, count]) => `${showName(label)} ${count}`);
  const more = counts.length > shown.length ? [`and ${counts.length - shown.length} more`] : [];
  const of = counts.length > 0 ? `: ${[...shown, ...more].join(', ')}` : '';
  return [
    `Found ${plural(examples, unit)} for ${task}${of}.`,
    ...notes.map((note) => `  ${printable(note)}`),
    copied ? `Copied the data to ${data}.` : `The data stays at ${data}.`,
    'Wrote',
    ...files.map((file) => `  ${file}`),
    'Next',
    `  npx mainstem lock ${name}`,
    `  npx mainstem experiment ${name}`,
  ].join('\n');
}
