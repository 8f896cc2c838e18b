import type { Command } from 'commander';
import type { Digest } from '../../../platform/lib/hash.ts';
import { abbreviate } from '../../../platform/lib/text.ts';
import type { ModelRecord } from '../../../platform/schemas/index.ts';
import { type CommonOptions, jsonOption, openWorkspace, printResult } from '../command.ts';
import { findRecord } from '../find-record.ts';

/** `show`: one run's record, in words. */
export function registerShow(program: Command): void {
  program
    .command('show <project> [run]')
    .description('what a run is made of and how good it is; without a run, the one that serves')
    .option(...jsonOption)
    .addHelpText('after', '\nExample:\n  npx mainstem show pumpkins')
    .action(runShow);
}

async function runShow(
  name: string,
  run: string | undefined,
  options: CommonOptions,
): Promise<void> {
  const { root } = openWorkspace(options);
  const [record, { recordDigest }] = await Promise.all([
    findRecord(root, name, run),
    import('../../../platform/registry/index.ts'),
  ]);
  printResult(options, record, renderRecord(record, recordDigest(record)));
}

/** One fact a line, the values in one column. @param digest as pointers name the record */
export function renderRecord(record: ModelRecord, digest: Digest): string {
  const lines: [string, string][] = [
    ['run', record.run],
    ['record', digest],
    [
      'made',
      `${record.createdAt} from ${record.commit ?? 'no commit'}${record.dirty ? ' and changes' : ''}`,
    ],
    [
      'data',
      Object.entries(record.data)
        .map(([name, digest]) => `${name} ${abbreviate(digest)}`)
        .join(', '),
    ],
    ['backend', `${record.training.backend.name} (${record.training.backend.reason})`],
    ['trained', trainingText(record.training)],
    ['model', `${record.package.onnx.digest} (${record.package.onnx.bytes} bytes)`],
    ['parameters', JSON.stringify(record.parameters)],
    ...record.evaluation.metrics.map(({ name, value }): [string, string] => [
      name,
      value.toPrecision(4),
    ]),
  ];
  const width = Math.max(...lines.map(([label]) => label.length));
  return lines.map(([label, value]) => `${label.padEnd(width)}  ${value}`).join('\n');
}

function trainingText({ kind, epochs, bestEpoch, trainedRows }: ModelRecord['training']): string {
  const step = kind === 'trees' ? 'round' : 'epoch';
  return `${trainedRows} rows, best ${step} ${bestEpoch} of ${epochs.at(-1)?.epoch ?? 0}`;
}
