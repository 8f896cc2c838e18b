import type { Table } from '../../platform/lib/table.ts';
import type { TableDefinition } from '../../platform/schemas/define/index.ts';
import type { BlobStore, Finding } from '../../platform/schemas/index.ts';
import {
  candidatesOf,
  columnsOfSplit,
  countRows,
  findHeldBackGaps,
  readTable,
} from '../../platform/storage/index.ts';
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
  const { dataset, classes } = inputs;
  const subject = await readSubject(store, inputs, table);
  const { imbalance } = inputs.checks;
  const { data } = subject;
  // Without its label column a table has rows, but no examples.
  const examples =
    data.place(table.label) < 0 ? [] : [{ ...countTable(data, inputs, table), classes, imbalance }];
  return {
    checked: data.rows,
    findings: [
      ...runChecks(tableChecks, subject, dataset.path),
      ...examples.flatMap((one) => runChecks(exampleChecks, one, dataset.path)),
    ],
  };
}

function countTable(
  data: Table,
  { dataset: { path }, split, task }: ValidateInputs,
  { label }: TableDefinition,
) {
  const counted = countRows(data, path, label, split);
  const candidates = () => candidatesOf(data, path, label, split);
  const asked = { split, regression: task === 'tabular-regression' };
  return { ...counted, heldBackGaps: findHeldBackGaps(counted.counts, candidates, asked) };
}

async function readSubject(
  store: BlobStore,
  { dataset, split, classes, slices = [] }: ValidateInputs,
  table: TableDefinition,
): Promise<TableSubject> {
  const alsoUsed = [...columnsOfSplit(split), ...slices];
  return { data: await readTable(store, dataset), table, classes, alsoUsed, slices };
}
