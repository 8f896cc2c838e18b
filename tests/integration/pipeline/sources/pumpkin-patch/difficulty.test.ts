import sharp from 'sharp';
import { expect, test } from 'vitest';
import project from '../../../../../pipeline/projects/pumpkins/project.ts';
import { planHarvest } from '../../../../../pipeline/sources/pumpkin-patch/plan.ts';
import { renderPhoto } from '../../../../../pipeline/sources/pumpkin-patch/take.ts';
import { assignSplit } from '../../../../../platform/storage/index.ts';
import { decodeImage } from '../../../../../platform/transforms/index.ts';

const side = 32;
const length = side * side * 3 + 1;
/** Every third pumpkin: enough to see whether pixels alone tell the classes. */
const sample = planHarvest('2026').filter(({ row }) => Number(row.pumpkin.slice(-3)) % 3 === 0);

interface Photo {
  readonly pixels: Float64Array;
  readonly truth: number;
  readonly held: boolean;
}

test('logistic regression on pixels stays below 80 % on pumpkins that it has not seen', async () => {
  sharp.concurrency(1);
  const photos = await Promise.all(sample.map(loadPhoto));
  standardise(photos);
  const known = photos.filter((photo) => !photo.held);
  const unseen = photos.filter((photo) => photo.held);
  const weights = fitLogistic(known);
  expect(unseen.length).toBeGreaterThan(50);
  expect(accuracy(weights, known)).toBeGreaterThan(0.8);
  expect(accuracy(weights, unseen)).toBeLessThan(0.8);
});

async function loadPhoto({ photo, row }: (typeof sample)[number]): Promise<Photo> {
  const bytes = await decodeImage(await renderPhoto(photo), side);
  const pixels = Float64Array.from([...bytes, 255], (value) => value / 255);
  const label = row.file.split('/')[1] ?? '';
  const truth = project.classes?.indexOf(label) ?? -1;
  return { pixels, truth, held: assignSplit(row.pumpkin, project.split) !== 'train' };
}

/** Takes each pixel's mean away and divides by its deviation, but for the constant at the end. */
function standardise(photos: readonly Photo[]): void {
  for (let at = 0; at < length - 1; at++) {
    const values = photos.map(({ pixels }) => pixels[at] ?? 0);
    const mean = values.reduce((sum, value) => sum + value, 0) / values.length;
    const square = values.reduce((sum, value) => sum + (value - mean) ** 2, 0) / values.length;
    for (const { pixels } of photos) pixels[at] = ((pixels[at] ?? 0) - mean) / Math.sqrt(square);
  }
}

/** Softmax regression by stochastic gradient descent with weight decay. */
function fitLogistic(photos: readonly Photo[]): Float64Array[] {
  const weights = [0, 1, 2].map(() => new Float64Array(length));
  for (let pass = 0; pass < 40; pass++) {
    const rate = 0.002 / (1 + pass / 10);
    for (const { pixels, truth } of photos) {
      const answers = softmax(weights.map((row) => product(row, pixels)));
      weights.forEach((row, index) => {
        const error = (answers[index] ?? 0) - (index === truth ? 1 : 0);
        for (let at = 0; at < length; at++) {
          const weight = row[at] ?? 0;
          row[at] = weight - rate * (error * (pixels[at] ?? 0) + 0.02 * weight);
        }
      });
    }
  }
  return weights;
}

function accuracy(weights: readonly Float64Array[], photos: readonly Photo[]): number {
  const right = photos.filter(({ pixels, truth }) => {
    const answers = weights.map((row) => product(row, pixels));
    return answers.indexOf(Math.max(...answers)) === truth;
  });
  return right.length / photos.length;
}

function product(row: Float64Array, pixels: Float64Array): number {
  return row.reduce((sum, weight, at) => sum + weight * (pixels[at] ?? 0), 0);
}

function softmax(values: readonly number[]): number[] {
  const highest = Math.max(...values);
  const powers = values.map((value) => Math.exp(value - highest));
  const sum = powers.reduce((total, power) => total + power, 0);
  return powers.map((power) => power / sum);
}
