import { setTimeout as delay } from 'node:timers/promises';
import { describe, expect, test } from 'vitest';
import { augmentRow } from '../../../../pipeline/training/augment.ts';
import {
  openPrefetcher,
  type Prefetcher,
  type PrefetchOptions,
} from '../../../../pipeline/training/prefetch.ts';
import type { PrefetchTask } from '../../../../pipeline/training/prefetch-setup.ts';
import { imagePreprocessing } from '../../../../platform/transforms/index.ts';
import { preparedPictures } from '../../../helpers/prepared-pictures.ts';

const size = 16;
const data = preparedPictures(20, size);
const options: PrefetchOptions = {
  ...{ data, preprocessing: imagePreprocessing(size), seed: 5, batchSize: 8 },
  augmentation: {
    flip: true,
    shift: 0.2,
    brightness: 0.2,
    rotate: 20,
    zoom: 0.3,
    colour: 0.2,
    blur: 0.1,
  },
};

describe('a batch that was begun', () => {
  test('is taken once, with the bits of one that is varied at once', async () => {
    const prefetcher = openPrefetcher(options);
    const first = await begun(prefetcher, { epoch: 1, rows: [3, 1, 4, 1, 5] });
    expect(first).toEqual(varied({ epoch: 1, rows: [3, 1, 4, 1, 5] }));
    expect(prefetcher.take({ epoch: 1, rows: [3, 1, 4, 1, 5] })).toBeNull();
    prefetcher.begin({ epoch: 2, rows: [3, 1] });
    expect(prefetcher.take({ epoch: 2, rows: [3, 1] })).toEqual(varied({ epoch: 2, rows: [3, 1] }));
    expect(first).toEqual(varied({ epoch: 1, rows: [3, 1, 4, 1, 5] }));
    await prefetcher.close();
  });

  test('stays when others are asked for, and they are left to the caller', async () => {
    const prefetcher = openPrefetcher(options);
    await begun(prefetcher, { epoch: 1, rows: [0] });
    prefetcher.begin({ epoch: 7, rows: [2, 9] });
    for (const task of [
      { epoch: 7, rows: [9, 2] },
      { epoch: 8, rows: [2, 9] },
      { epoch: 7, rows: [2] },
    ])
      expect(prefetcher.take(task)).toBeNull();
    expect(prefetcher.take({ epoch: 7, rows: [2, 9] })).toEqual(varied({ epoch: 7, rows: [2, 9] }));
    await prefetcher.close();
  });
});

test('where the thread cannot start or has ended, batches are left to the caller', async () => {
  const broken = openPrefetcher({ ...options, entry: new URL('data:text/javascript,throw 1') });
  const ended = openPrefetcher(options);
  await begun(ended, { epoch: 1, rows: [0] });
  await ended.close();
  for (const prefetcher of [broken, ended]) {
    await delay(50);
    prefetcher.begin({ epoch: 1, rows: [1] });
    expect(prefetcher.take({ epoch: 1, rows: [1] })).toBeNull();
  }
});

/** Begins a batch until the thread is there, and takes it. */
async function begun(prefetcher: Prefetcher, task: PrefetchTask): Promise<Float32Array> {
  for (;;) {
    prefetcher.begin(task);
    const values = prefetcher.take(task);
    if (values) return values;
    await delay(5);
  }
}

function varied({ epoch, rows }: PrefetchTask): Float32Array {
  const values = new Float32Array(rows.length * data.rowLength);
  const { preprocessing, augmentation, seed } = options;
  for (const [position, row] of rows.entries()) {
    const target = { values, offset: position * data.rowLength };
    augmentRow(data.row(row), preprocessing, augmentation, { seed, epoch, row }, target);
  }
  return values;
}
