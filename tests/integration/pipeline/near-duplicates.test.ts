import sharp from 'sharp';
import { expect, test } from 'vitest';
import { createPreparedReader } from '../../../pipeline/embeddings/index.ts';
import { findNearDuplicates } from '../../../pipeline/near-duplicates.ts';
import { digestBytes } from '../../../platform/lib/hash.ts';
import { createRandom } from '../../../platform/lib/random.ts';
import type { PreparedRow } from '../../../platform/schemas/index.ts';
import { openStore, type Store } from '../../../platform/storage/index.ts';
import { decodeImage, imagePreprocessing } from '../../../platform/transforms/index.ts';
import { buildRecord, pumpkins } from '../../helpers/model-repository.ts';
import { storePrepared } from '../../helpers/prepared-data.ts';
import { buildProject } from '../../helpers/project.ts';
import { createRepository } from '../../helpers/temporary-repository.ts';

const side = 32;

/** A photo of coarse random patches, unlike any other; without a seed all are alike. */
async function photo(seed: string | null): Promise<Buffer> {
  const random = createRandom(seed ?? 'all alike');
  const noise = createRandom(seed ?? 'none');
  const pixels = Uint8Array.from({ length: 8 * 8 * 3 }, () => random.int(200));
  const small = sharp(pixels, { raw: { width: 8, height: 8, channels: 3 } });
  const large = await small.resize(96, 96, { kernel: 'cubic' }).png().toBuffer();
  return sharp(large)
    .modulate({ brightness: 1 + noise.next() / 100 })
    .jpeg()
    .toBuffer();
}

const splits = ['train', 'validation', 'test'] as const;

async function open(photos: readonly Buffer[], store: Store, root: string) {
  const preprocessing = imagePreprocessing(side);
  const examples = await Promise.all(
    photos.map(async (bytes, at) => ({
      ...{ id: `good/${at}.jpg`, label: at === 1 ? 'bad' : 'good' },
      split: splits[at % 3] ?? 'train',
      numbers: [...(await decodeImage(bytes, side))],
    })),
  );
  const digests = photos.map((bytes) => digestBytes(bytes));
  const identify = (row: PreparedRow, at: number) => ({
    ...row,
    digest: digests[at] ?? row.digest,
  });
  for (const bytes of photos) await store.put(bytes);
  const prepared = await storePrepared(store, root, examples, preprocessing, identify);
  return { ...buildRecord(pumpkins, prepared.index), prepared, preprocessing };
}

async function find(photos: readonly Buffer[], earlier: readonly Buffer[] | null) {
  const { root, workspace } = await createRepository();
  const store = openStore(root);
  const project = buildProject(root);
  const context = { workspace, project, store, lock: { version: 1 as const, datasets: {} } };
  const candidate = await open(photos, store, root);
  return findNearDuplicates(
    context,
    createPreparedReader(store),
    candidate,
    earlier && (await open(earlier, store, root)),
  );
}

async function different(count: number): Promise<Buffer[]> {
  return Promise.all(Array.from({ length: count }, (_, at) => photo(`photo ${at}`)));
}

test('a copy that is lighter and cut off is found, in which splits, and whether it was added', async () => {
  const photos = await different(40);
  const [first = Buffer.of()] = photos;
  const copy = await sharp(first)
    .extract({ left: 2, top: 2, width: 92, height: 92 })
    .modulate({ brightness: 1.1 })
    .jpeg({ quality: 70 })
    .toBuffer();
  const found = await find([...photos, copy, first], photos);
  expect(found).toMatchObject({
    ...{ space: 'pixels', examined: 42, of: 42, pairs: 2, added: 2, labels: 0 },
    trial: { copies: 72, informs: true },
  });
  // The photo itself twice is left to the check of equal files.
  expect(found?.shown.map((pair) => [pair.first.id, pair.second.id])).toContainEqual([
    'good/0.jpg',
    'good/40.jpg',
  ]);
  expect(found?.across).toBe(2);
  expect((await find(photos, null))?.pairs).toBe(0);
});

test('where all photos are alike it cannot be told', async () => {
  const alike = await Promise.all(Array.from({ length: 30 }, () => photo(null)));
  const varied = await Promise.all(
    alike.map((bytes, at) =>
      sharp(bytes)
        .jpeg({ quality: 60 + at })
        .toBuffer(),
    ),
  );
  const found = await find(varied, null);
  expect(found).toMatchObject({ trial: { informs: false }, pairs: 0, shown: [] });
});

test('a few photos are not compared', async () => {
  expect(await find(await different(19), null)).toBeNull();
});
