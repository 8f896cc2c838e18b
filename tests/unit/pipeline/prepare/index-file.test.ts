import { expect, test } from 'vitest';
import { decodeIndex, encodeIndex } from '../../../../pipeline/prepare/index-file.ts';
import { canonicalJson } from '../../../../platform/lib/canonical-json.ts';
import { digestJson } from '../../../../platform/lib/hash.ts';
import type { PreparedIndex } from '../../../../platform/schemas/index.ts';

const row = (id: string) => ({
  ...{ id, digest: digestJson(id), split: 'train' as const, label: 'a' },
  metadata: { note: 'two\nlines' },
});

const index: PreparedIndex = {
  version: 1,
  dtype: 'float32',
  shape: [1],
  classes: ['a', 'b'],
  preprocessing: { kind: 'table', columns: [] },
  shards: [],
  rows: [row('row-1'), row('row-2')],
};

test('an index comes back as it was, a row a line, with none, one or many', () => {
  for (const rows of [[], index.rows.slice(0, 1), index.rows]) {
    const bytes = encodeIndex({ ...index, rows });
    expect(bytes.filter((byte) => byte === 10)).toHaveLength(1 + rows.length);
    expect(decodeIndex(bytes, 'the index')).toEqual({ ...index, rows });
  }
});

test('an index of an earlier version, which is one line, is read too', () => {
  expect(decodeIndex(Buffer.from(canonicalJson(index)), 'the index')).toEqual(index);
});

test.each([
  ['nothing', ''],
  ['no object', '[1]'],
  ['a wrong row', `${canonicalJson({ ...index, rows: undefined })}\n{"id":1}\n`],
])('what is not an index is refused: %s', (_, text) => {
  const decode = () => decodeIndex(Buffer.from(text), 'the index');
  expect(decode).toThrow(expect.objectContaining({ code: 'JSON_INVALID' }));
});
