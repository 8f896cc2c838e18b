import sharp from 'sharp';
import { expect, test } from 'vitest';
import { versionOfPhotos } from '../../../pipeline/data-version.ts';
import { readPhotoFacts } from '../../../pipeline/photo-facts.ts';
import { reviewData } from '../../../pipeline/review-data.ts';
import { digestBytes } from '../../../platform/lib/hash.ts';
import type { Example } from '../../../platform/schemas/index.ts';
import { openStore } from '../../../platform/storage/index.ts';
import { createRepository } from '../../helpers/temporary-repository.ts';

const london = {
  ...{ GPSLatitudeRef: 'N', GPSLatitude: '51/1 30/1 0/1' },
  ...{ GPSLongitudeRef: 'W', GPSLongitude: '0/1 7/1 0/1' },
};

/** A plain photo of some brightness, with what a phone writes beside it. */
async function photo(brightness: number, phone: boolean): Promise<Buffer> {
  const background = { r: brightness, g: brightness, b: 90 };
  const plain = sharp({ create: { width: 32, height: 24, channels: 3, background } }).jpeg();
  if (!phone) return plain.toBuffer();
  const owner = { IFD0: { Artist: 'Jen', Model: 'Phone 7' }, IFD2: { BodySerialNumber: '4711' } };
  return plain.withExif({ ...owner, IFD3: london }).toBuffer();
}

const exampleOf = (id: string, bytes: Uint8Array): Example => ({
  ...{ id, digest: digestBytes(bytes), split: 'train', label: 'good', group: id, metadata: {} },
});

test('added photos are compared by what was measured, and what they give away is named but not said', async () => {
  const { root } = await createRepository();
  const store = openStore(root);
  const add = async (id: string, bytes: Uint8Array) => {
    await store.put(bytes);
    return exampleOf(id, bytes);
  };
  const before: Example[] = [];
  const added: Example[] = [];
  for (let at = 0; at < 40; at++) {
    before.push(await add(`good/old ${at}.jpg`, await photo(40 + at, false)));
    added.push(await add(`good/new ${at}.jpg`, await photo(190 + at, at < 5)));
  }
  const broken = await add('good/broken.jpg', Buffer.from('not a photo'));
  const gone = exampleOf('good/gone.jpg', Buffer.from('never stored'));
  const photos = await readPhotoFacts(store, [...before, gone], [...added, broken, gone]);
  const { drift, privacy } = reviewData({
    ...{ dataset: 'pumpkins', before: versionOfPhotos(before), photos },
    after: versionOfPhotos([...before, ...added]),
  });
  expect(drift.found.map(({ column }) => column)).toContain('photo brightness');
  expect(drift.found.map(({ column }) => column)).not.toContain('photo aspect');
  expect(privacy).toMatchObject({ examined: 42, of: 42 });
  expect(privacy?.traces.map(({ name, count }) => [name, count])).toEqual([
    ['where it was taken', 5],
    ['a serial number', 5],
    ['a name of a person or an owner', 5],
    ['the model of the camera', 5],
  ]);
  expect(privacy?.traces[0]?.examples).toEqual([0, 1, 2].map((at) => `good/new ${at}.jpg`));
  expect(JSON.stringify(privacy)).not.toMatch(/Jen|4711|51/);
});

test('photos without such notes give nothing away', async () => {
  const { root } = await createRepository();
  const store = openStore(root);
  const bytes = await photo(80, false);
  await store.put(bytes);
  const { privacy } = await readPhotoFacts(store, [], [exampleOf('good/a.jpg', bytes)]);
  expect(privacy).toEqual({ examined: 1, of: 1, traces: [] });
});
