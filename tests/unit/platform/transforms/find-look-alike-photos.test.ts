import { expect, test } from 'vitest';
import { createRandom } from '../../../../platform/lib/random.ts';
import { findLookAlikePhotos, type PhotoPrint } from '../../../../platform/transforms/index.ts';

const random = createRandom('look-alikes');

/** A print of a scene with noise; a correlation of about 1 / (1 + noise²) with another one of the same scene. */
function printOf(scene: Float32Array, noise: number): PhotoPrint {
  const fine = scene.map((value) => value + 40 * noise * random.normal());
  const coarse = new Float32Array(64).fill(1 / 8);
  return { coarse, fine };
}

const sceneOf = () => Float32Array.from({ length: 256 }, () => 128 + 40 * random.normal());

test('neighbours may differ more than photos far apart', () => {
  const [burst, copy] = [sceneOf(), sceneOf()];
  const strangers = Array.from({ length: 20 }, () => printOf(sceneOf(), 0));
  const prints = [
    ...[printOf(burst, 0.2), printOf(burst, 0.2), printOf(copy, 0)],
    ...[null, ...strangers],
    ...[printOf(copy, 0.05), printOf(burst, 0.3)],
  ];
  expect(findLookAlikePhotos(prints)).toEqual([
    [0, 1],
    [2, prints.length - 2],
  ]);
});

test('where all photos look alike, they are not one series', () => {
  const belt = sceneOf();
  expect(findLookAlikePhotos(Array.from({ length: 30 }, () => printOf(belt, 0.2)))).toEqual([]);
});

test('even photos are not alike', () => {
  const even = () => printOf(new Float32Array(256).fill(90), 0);
  expect(findLookAlikePhotos([even(), even(), even(), even()])).toEqual([]);
});
