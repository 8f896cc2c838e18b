import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { KnownData } from '../../../../pipeline/operations/ingest/add-photos.ts';
import {
  type AddedRow,
  appendRows,
  featuresKey,
  prepareRow,
} from '../../../../pipeline/operations/ingest/add-rows.ts';
import type { LeftOut } from '../../../../pipeline/operations/ingest/sort-candidates.ts';
import { parseCsv } from '../../../../platform/lib/csv.ts';
import { ownValue } from '../../../../platform/lib/own-value.ts';
import type { Row } from '../../../../platform/schemas/index.ts';
import { buildProject } from '../../../helpers/project.ts';

const { definition } = buildProject('/farm', {
  ...{ name: 'gourds', task: 'tabular-classification', classes: ['big', 'small'] },
  data: { name: 'gourds', path: 'gourds.csv', source: 'test', licence: 'CC0-1.0' },
  table: {
    label: 'size',
    features: {
      weight: { kind: 'number', range: [0, 1000] },
      colour: { kind: 'category' },
      ripe: { kind: 'category' },
      shape: { kind: 'category', values: ['round', 'long'] },
      picked: { kind: 'date' },
      sold: { kind: 'boolean' },
    },
  },
});
const table =
  'weight,colour,ripe,shape,picked,sold,size\n9,"orange,\r\ndark",True,round,2026-10-01,yes,big\n1,2.0,False,long,,no,small\n';

/** The table read once more: what it holds, and what it makes of a row that is sent. */
function open(content: string) {
  const { columns, rows } = parseCsv(Buffer.from(content), 'gourds.csv');
  const keys = rows.map((row) => [featuresKey(definition, row), [row.size ?? '']] as const);
  const data: KnownData = { now: new Map(keys), locked: new Map() };
  const valuesOf = (column: string) => rows.map((row) => ownValue(row, column) ?? '');
  const send = (
    row: Row,
    slices: Readonly<Record<string, string>> = {},
  ): AddedRow | LeftOut | null => {
    const candidate = {
      digest: '',
      labels: ['big'],
      at: '2026-11-27',
      asked: '',
      predicted: 'small',
    };
    const labelled = {
      candidate: { ...candidate, row, slices, photo: null },
      label: 'big',
      isOther: false,
    };
    return prepareRow(labelled, data, { definition, columns, valuesOf });
  };
  return { columns, rows, send };
}

const isAdded = (found: AddedRow | LeftOut | null): found is AddedRow =>
  found !== null && 'cells' in found;

test('whatever is sent, the table can be read afterwards, and has it when it is sent again', () => {
  const text = fc.oneof(fc.string({ unit: 'binary' }), fc.string(), fc.constantFrom(...odd));
  const value = fc.oneof(text, fc.double(), fc.integer(), fc.boolean(), fc.constant(null));
  const column = fc.constantFrom('weight', 'colour', 'ripe', 'shape', 'picked', 'sold');
  fc.assert(
    fc.property(fc.dictionary(column, value), fc.dictionary(column, text), (row, slices) => {
      const before = open(table);
      const found = before.send(row, slices);
      if (!isAdded(found)) return;
      const content = appendRows(table, before.columns, found.isThere ? [] : [found.cells]);
      const after = open(content);
      expect(after.rows).toHaveLength(found.isThere ? 2 : 3);
      expect(after.send(row, slices)).toMatchObject({ isThere: true, key: found.key });
      expect(content.replace(table, '')).not.toMatch(/\r\n$/);
    }),
    { numRuns: 1000 },
  );
});

const odd = [
  'male ',
  ' 41',
  '042.0',
  '4.2e1',
  '+46',
  '\ufefflong',
  'a\r\nb',
  'a,"b',
  ' ',
  'NA',
  '\ud800',
  'a\0b',
  '\ufffd',
];

test.each<[Row, Row]>([
  [{ weight: ' 42' }, { weight: 42 }],
  [{ weight: '042.0' }, { weight: '4.2e1' }],
  [{ weight: '+46' }, { weight: 46 }],
  [{ colour: 'green ' }, { colour: '\ufeffgreen' }],
  [{ sold: 'Y' }, { sold: true }],
  [{ sold: '0.0' }, { sold: 'off' }],
])('%j and %j are one thing', (one, other) => {
  const { send } = open(table);
  const [first, second] = [send(one), send(other)];
  expect(isAdded(first) && isAdded(second) && first.key === second.key).toBe(true);
});

test('a value is written as the table spells it', () => {
  const found = open(table).send({ colour: 2, ripe: true, sold: false, shape: ' long' });
  expect(found).toMatchObject({
    cells: { colour: '2.0', ripe: 'True', sold: 'no', shape: 'long' },
  });
});

test.each<[string, Row]>([
  ['outside', { weight: -5 }],
  ['outside', { weight: 'heavy' }],
  ['outside', { shape: 'zzz' }],
  ['outside', { picked: 'yesterday' }],
  ['outside', { sold: 'perhaps' }],
  ['noText', { colour: '\ud800' }],
  ['noText', { colour: 'a\0b' }],
  ['noText', { colour: 'lost \ufffd' }],
  ['unfit', { taste: 'sweet' }],
])('what the project would refuse is left out: %s', (reason, row) => {
  expect(open(table).send(row)).toMatchObject({ reason });
});
