import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { createPreparedReader } from '../../../../pipeline/embeddings/index.ts';
import { digestBytes } from '../../../../platform/lib/hash.ts';
import { openStore } from '../../../../platform/storage/index.ts';
import { numberColumns, storePrepared } from '../../../helpers/prepared-data.ts';
import { createRepository } from '../../../helpers/temporary-repository.ts';

async function prepare() {
  const { root } = await createRepository();
  const store = openStore(root);
  const example = { id: 'a', label: 'good', split: 'train', numbers: [1, 2] } as const;
  const prepared = await storePrepared(store, root, [example], numberColumns('x', 'y'));
  const lose = () => rm(join(root, '.mainstem'), { recursive: true });
  return { reader: createPreparedReader(store), prepared, lose };
}

test('what was read once is not read from the store again, with or without its values', async () => {
  const { reader, prepared, lose } = await prepare();
  const data = await reader.data(prepared);
  await lose();
  expect(data?.index.rows.map(({ id }) => id)).toEqual(['a']);
  expect(await reader.data(prepared)).toBe(data);
  expect(await reader.index(prepared)).toBe(data?.index);
});

test('where the values are lost, the examples are read without them', async () => {
  const { reader, prepared } = await prepare();
  const [shard] = prepared.shards;
  const lost = {
    ...prepared,
    shards: shard ? [{ ...shard, digest: digestBytes('gone') }] : [],
  };
  expect(await reader.data(lost)).toBeNull();
  expect((await reader.index(lost)).rows).toHaveLength(1);
});
