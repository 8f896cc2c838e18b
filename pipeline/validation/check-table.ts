import type { TableDefinition } from '../../platform/schemas/define/index.ts';
import type { BlobStore, Finding } from '../../platform/schemas/index.ts';
import { examplesOfTable, readTable } from '../../platform/storage/index.ts';
import { runChecks } from './check.ts';
import { exampleChecks, tableChecks } from './checks/index.ts';
import type { ValidateInputs } from './inputs.ts';
import type { TableSubject } from './subjects.ts';

/** Runs every check on a table. */
export async function checkTable(
  store: BlobStore,
  inputs: ValidateInputs,
  table: TableDefinition,
): Promise<{ checked: number; findings: Finding[] }> {
  const { dataset, split, classes } = inputs;
  const subject = await readSubject(store, inputs, table);
  const { imbalance } = inputs.checks;
  // Without its label column a table has rows, but no examples.
  const { data } = subject;
  const examples =
    data.place(table.label) < 0
      ? []
      : examplesOfTable(data, dataset.path, { split, label: table.label, columns: [] });
  const labelled = examples.length > 0 || data.rows === 0;
  return {
    checked: data.rows,
    findings: [
      ...runChecks(tableChecks, subject, dataset.path),
      ...(labelled ? runChecks(exampleChecks, { examples, classes, imbalance }, dataset.path) : []),
    ],
  };
}

async function readSubject(
  store: BlobStore,
  { dataset, split, classes, slices = [] }: ValidateInputs,
  table: TableDefinition,
): Promise<TableSubject> {
  const group = split.group === undefined ? [] : [split.group];
  const alsoUsed = [...group, ...slices];
  return { data: await readTable(store, dataset), table, classes, alsoUsed };
}
