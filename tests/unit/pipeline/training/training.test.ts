import { mkdtemp, readFile, rm, truncate, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import {
  augmentImage,
  isAugmenting,
  type Variation,
  variationOf,
} from '../../../../pipeline/training/augment.ts';
import { readCheckpoint, writeCheckpoint } from '../../../../pipeline/training/checkpoint.ts';
import { checkpointPath } from '../../../../pipeline/training/checkpoint-file.ts';
import { classWeightsOf } from '../../../../pipeline/training/class-weights.ts';
import { bestEpochOf, isStalled } from '../../../../pipeline/training/early-stopping.ts';
import { learningRateOf } from '../../../../pipeline/training/learning-rate.ts';
import { createTrainingLog } from '../../../../pipeline/training/log.ts';
import { mixingOf } from '../../../../pipeline/training/mixup.ts';
import { digestBytes } from '../../../../platform/lib/hash.ts';
import type { Reporter } from '../../../../platform/lib/reporter.ts';
import type { Epoch } from '../../../../platform/schemas/index.ts';
import { imagePreprocessing, scaleImage } from '../../../../platform/transforms/index.ts';

const curve = (losses: readonly number[]): Epoch[] =>
  losses.map((validationLoss, index) => ({
    ...{ epoch: index + 1, learningRate: 0.1, trainLoss: 1, trainMetric: 0, validationMetric: 0 },
    validationLoss,
  }));

describe('learning rate', () => {
  const schedule = { epochs: 10, learningRate: 0.1 } as const;

  test('stays where it is when constant', () => {
    const constant = { ...schedule, learningRateSchedule: 'constant' } as const;
    expect([1, 5, 10].map((epoch) => learningRateOf(epoch, constant))).toEqual([0.1, 0.1, 0.1]);
  });

  test('falls from the full rate along a cosine and never reaches 0', () => {
    const cosine = { ...schedule, learningRateSchedule: 'cosine' } as const;
    const rates = Array.from({ length: 10 }, (_, index) => learningRateOf(index + 1, cosine));
    expect(rates[0]).toBe(0.1);
    expect(rates[5]).toBeCloseTo(0.05);
    expect(rates).toEqual([...rates].sort((a, b) => b - a));
    expect(rates.at(-1)).toBeGreaterThan(0);
  });
});

describe('early stopping', () => {
  test('takes the first of equally good epochs', () => {
    expect(bestEpochOf(curve([0.5, 0.2, 0.3, 0.2]))).toBe(2);
  });

  test('waits for the given number of epochs, and forever with 0', () => {
    expect(isStalled(curve([0.5, 0.2, 0.3]), 2)).toBe(false);
    expect(isStalled(curve([0.5, 0.2, 0.3, 0.4]), 2)).toBe(true);
    expect(isStalled(curve([0.5, 0.6, 0.7, 0.8]), 0)).toBe(false);
    expect(isStalled([], 3)).toBe(false);
  });
});

test('balanced class weights give every class the same total and a mean of 1', () => {
  const weights = classWeightsOf('balanced', [0, 0, 0, 1], 2);
  expect([...weights].map((weight) => weight.toFixed(3))).toEqual(['0.667', '2.000']);
  expect([...classWeightsOf('none', [0, 0, 0, 1], 2)]).toEqual([1, 1]);
  expect([...classWeightsOf('balanced', [0, 0], 2)]).toEqual([1, 0]);
});

describe('augmentation', () => {
  const size = 6;
  const preprocessing = imagePreprocessing(size);
  const old = { flip: true, shift: 0.3, brightness: 0.3, rotate: 40 };
  const all = { ...old, zoom: 0.5, colour: 0.4, blur: 0.1, erase: 0.5 };
  const still: Variation = {
    ...{ flip: false, shiftX: 0, shiftY: 0, brightness: 1, angle: 0 },
    ...{ zoom: 1, cropX: 0, cropY: 0, saturation: 1, contrast: 1, channels: [1, 1, 1] },
    ...{ blur: 0, erased: null },
  };
  const pixels = Uint8Array.from({ length: size * size * 3 }, (_, at) => (at * 37) % 251);
  const vary = (variation: Variation) => {
    const target = new Float32Array(pixels.length);
    augmentImage(pixels, preprocessing, variation, target, 0);
    return target;
  };
  const at = (picture: Float32Array, x: number, y: number) => picture[(y * size + x) * 3];

  test('without any change gives what serving sees', () => {
    const plain = new Float32Array(pixels.length);
    scaleImage(pixels, preprocessing, plain, 0);
    expect(vary(still)).toEqual(plain);
  });

  test('mirrors, shifts with a repeated border, brightens, and turns', () => {
    const plain = vary(still);
    expect(at(vary({ ...still, flip: true }), 0, 2)).toBe(at(plain, 5, 2));
    expect(at(vary({ ...still, shiftX: 2 }), 3, 1)).toBe(at(plain, 1, 1));
    expect(at(vary({ ...still, shiftX: 2 }), 0, 1)).toBe(at(plain, 0, 1));
    expect(at(vary({ ...still, shiftY: -1 }), 3, 1)).toBe(at(plain, 3, 2));
    const brighter = vary({ ...still, brightness: 1.5 });
    expect(Math.max(...brighter)).toBeLessThanOrEqual(1);
    expect(at(brighter, 0, 1)).toBeCloseTo(Math.min(255, (pixels[18] ?? 0) * 1.5) / 127.5 - 1);
    const quarter = vary({ ...still, angle: Math.PI / 2 });
    expect(at(quarter, 5, 1)).toBeCloseTo(at(plain, 1, 0) ?? Number.NaN, 5);
  });

  test('crops, colours, blurs and erases', () => {
    const plain = vary(still);
    // The middle of the part is half a pixel to the right and below: pixel (3, 3).
    const single = vary({ ...still, zoom: 1e-9, cropX: 0.5, cropY: 0.5 });
    expect(at(single, 0, 5)).toBeCloseTo(at(plain, 3, 3) ?? Number.NaN, 5);
    const grey = vary({ ...still, saturation: 0 });
    expect(grey[0]).toBeCloseTo(grey[1] ?? Number.NaN, 5);
    expect(vary({ ...still, contrast: 0 }).every((value) => Math.abs(value) < 1e-6)).toBe(true);
    expect(at(vary({ ...still, channels: [0, 1, 1] }), 3, 3)).toBe(-1);
    const spread = (picture: Float32Array) => Math.max(...picture) - Math.min(...picture);
    expect(spread(vary({ ...still, blur: 2 }))).toBeLessThan(spread(plain) / 2);
    const erased = vary({ ...still, erased: { left: 1, top: 2, right: 3, bottom: 4 } });
    const grid = Array.from({ length: size }, (_, y) =>
      Array.from({ length: size }, (_, x) => at(erased, x, y) === at(plain, x, y)),
    );
    expect(grid.flat().filter((same) => !same)).toHaveLength(4);
    expect([at(erased, 1, 2), at(erased, 2, 3)]).toEqual([0, 0]);
  });

  test('without the newer kinds is what it was before them', () => {
    const where = { seed: 7, epoch: 3, row: 11 };
    const { flip, shiftX, shiftY, brightness, angle, ...newer } = variationOf(old, 64, where);
    const before = { flip: true, shiftX: -9, shiftY: -16, brightness: 1.0556540757948016 };
    expect({ flip, shiftX, shiftY, brightness }).toEqual(before);
    expect(angle).toBe(-0.2727768211846395);
    expect(newer).toMatchObject({ zoom: 1, saturation: 1, contrast: 1, blur: 0, erased: null });
    expect(newer.channels).toEqual([1, 1, 1]);
    expect(isAugmenting({ flip: false, shift: 0, brightness: 0, rotate: 0, mixup: 0.2 })).toBe(
      false,
    );
    expect(isAugmenting({ flip: false, shift: 0, brightness: 0, rotate: 0, erase: 0.2 })).toBe(
      true,
    );
  });

  test('gives the bits on which models have been trained', () => {
    const digest = (augmentation: typeof old) => {
      const bytes = Array.from({ length: 40 }, (_, row) => {
        const picture = vary(variationOf(augmentation, size, { seed: 7, epoch: 1, row }));
        return new Uint8Array(picture.buffer);
      });
      return digestBytes(Buffer.concat(bytes)).slice(7, 23);
    };
    const straight = { ...old, rotate: 0 };
    expect(digest(straight)).toBe('09e4371006b366e1');
    expect(digest(old)).toBe('c959ce3ccee24bfb');
    expect(digest({ ...old, ...{ colour: 0.4 } })).toBe('8577ceddbae4de7c');
    expect(digest({ ...straight, ...{ blur: 0.2 } })).toBe('58ccbb271b7ef986');
    expect(digest(all)).toBe('48960c02f4932891');
  });

  test('mixes the rows of a batch with themselves, by less than half, as the seed says', () => {
    const rows = [3, 1, 4, 15, 9, 2, 6];
    fc.assert(
      fc.property(fc.string(), fc.double({ min: 0.05, max: 1, noNaN: true }), (seed, strength) => {
        const mixing = mixingOf(rows, strength, seed);
        expect(mixingOf(rows, strength, seed)).toEqual(mixing);
        expect(mixing.rows.toSorted()).toEqual(rows.toSorted());
        expect(mixing.share).toBeGreaterThanOrEqual(0);
        expect(mixing.share).toBeLessThanOrEqual(0.5);
      }),
    );
  });

  test('draws at once, however little is mixed', () => {
    for (const strength of [1, 1e-3, 1e-9, 1e-300, Number.MIN_VALUE]) {
      const shares = Array.from({ length: 200 }, (_, at) => mixingOf([1, 2], strength, `${at}`));
      expect(shares.every(({ share }) => share >= 0 && share <= 0.5)).toBe(true);
      const some = shares.filter(({ share }) => share > 0.01).length;
      expect(some / shares.length, `${strength}`).toBeLessThan(strength < 1 ? 0.1 : 1);
    }
  });

  test('depends only on seed, epoch and row, and stays within its bounds', () => {
    const number = fc.integer({ min: 1, max: 1000 });
    fc.assert(
      fc.property(number, number, number, (seed, epoch, row) => {
        const where = { seed, epoch, row };
        const variation = variationOf(all, size, where);
        expect(variationOf(all, size, where)).toEqual(variation);
        expect(variationOf(all, size, { ...where, row: row + 1 })).not.toEqual(variation);
        expect(Math.abs(variation.shiftX)).toBeLessThanOrEqual(2);
        expect(Math.abs(variation.brightness - 1)).toBeLessThanOrEqual(0.3);
        expect(Math.abs(variation.angle)).toBeLessThanOrEqual((40 * Math.PI) / 180);
        const values = vary(variation);
        expect(values.every((value) => value >= -1 && value <= 1)).toBe(true);
      }),
    );
  });
});

describe('checkpoint', () => {
  let folder: string;
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'mainstem-checkpoint-'));
  });
  afterAll(() => rm(folder, { recursive: true }));

  const values = { shape: [2], values: Float32Array.of(0.1, -3e-39) };
  const checkpoint = {
    epochs: curve([0.5]),
    weights: [values],
    best: [values],
    step: 12,
    moments: [{ name: 'dense/kernel/first', ...values }],
  };

  test('is read back bit for bit', async () => {
    expect(await readCheckpoint(folder)).toBeNull();
    await writeCheckpoint(folder, checkpoint);
    expect(await readCheckpoint(folder)).toEqual(checkpoint);
  });

  test('counts as missing if it is damaged', async () => {
    await writeCheckpoint(folder, checkpoint);
    const whole = await readFile(checkpointPath(folder));
    for (let at = 0; at < whole.length; at += 7) {
      const flipped = Buffer.from(whole);
      flipped[at] = (flipped[at] ?? 0) ^ 1;
      await writeFile(checkpointPath(folder), flipped);
      expect(await readCheckpoint(folder)).toBeNull();
    }
    await writeFile(checkpointPath(folder), whole);
    await truncate(checkpointPath(folder), 40);
    expect(await readCheckpoint(folder)).toBeNull();
  });
});

test('short epochs share a line of the log, but the last is always reported', () => {
  const lines: string[] = [];
  const progress = () => ({ update: () => {}, end: () => {} });
  const reporter: Reporter = { info: (text) => lines.push(text), warn: () => {}, progress };
  const log = createTrainingLog(reporter, {
    ...{ epochs: 3, unit: 'images', metric: 'accuracy', step: 'epoch', kept: 'weights' },
  });
  log.onMessage({ type: 'begin', rows: 100, resumedAfter: 0 });
  for (const epoch of curve([0.5, 0.4, 0.25]))
    log.onMessage({ type: 'epoch', epoch, seconds: 0.5 });
  log.end(null);
  expect(lines).toHaveLength(2);
  expect(lines[0]).toMatch(/^epoch 1\/3 .* 200 images\/s · at most 1 s left$/);
  expect(lines[1]).toContain('loss 1.00 (validation 0.250)');
});

test('a warning of the training process is reported', () => {
  const told: string[] = [];
  const progress = () => ({ update: () => {}, end: () => {} });
  const reporter: Reporter = { info: () => {}, warn: (text) => told.push(text), progress };
  const log = createTrainingLog(reporter, {
    ...{ epochs: 3, unit: 'images', metric: 'accuracy', step: 'epoch', kept: 'weights' },
  });
  log.onMessage({ type: 'warning', message: 'one thread' });
  expect(told).toEqual(['one thread']);
});
