// Milliseconds (and those of the processor) of each training step of the CNN below on a backend: real pictures from memory through
// the training loop's own step (scaling, forward, loss, gradients, Adam). Prints JSON. Run by bench/training.ts:
//   npx node bench/training/steps.ts <steps> <warm-up steps> [backend] [network]     default: wasm small
import * as layers from '@tensorflow/tfjs-layers';
import { createOptimizer, drivers, startBackend } from '../../pipeline/backends/index.ts';
import type { PreparedData } from '../../pipeline/prepare/index.ts';
import { createBatches } from '../../pipeline/training/batches.ts';
import { trainBatch } from '../../pipeline/training/fit-network.ts';
import { crossEntropyObjective } from '../../pipeline/training/objective.ts';
import { seedMathRandom } from '../../pipeline/training/seed.ts';
import { createRandom } from '../../platform/lib/random.ts';
import type { PreparedRow } from '../../platform/schemas/index.ts';
import { imagePreprocessing, scaleImage } from '../../platform/transforms/index.ts';

const [steps = 20, warmUp = 3] = process.argv.slice(2, 4).map(Number);
const [, , , , backend = 'wasm', name = 'small'] = process.argv;
const size = 64;
const batchSize = 32;
const classes = ['a', 'b', 'c'];

seedMathRandom('bench');
const driver = Object.values(drivers).find(({ name }) => name === backend);
if (!driver) throw new Error(`${backend} is not a backend`);
await startBackend(driver);
const data = createPictures(batchSize * 4);
const augmentation = { flip: false, shift: 0, brightness: 0, rotate: 0 };
const batches = createBatches(data, { augmentation, seed: 1 });
const objective = crossEntropyObjective(data.index.rows, classes, 'none');
const network = name === 'wide' ? buildWide() : buildCnn();
const optimizer = await createOptimizer(0.001);
const times: number[] = [];
const processor: number[] = [];
for (let step = 0; step < warmUp + steps; step++) {
  const first = (step % 4) * batchSize;
  const rows = Array.from({ length: batchSize }, (_, position) => first + position);
  const began = performance.now();
  const before = process.cpuUsage();
  await trainBatch({ network, objective, batches, outlierExposure: null }, optimizer, 1, rows);
  const { user, system } = process.cpuUsage(before);
  if (step < warmUp) continue;
  times.push(performance.now() - began);
  processor.push((user + system) / 1000);
}
const runs = await driver.describe?.();
const version = [`Node ${process.version}`, ...(runs === undefined ? [] : [runs])].join(', ');
process.stdout.write(JSON.stringify({ version, times, processor }));

/** conv 3×3×16, pool, conv 3×3×32, pool, dense 64, dense 3. */
function buildCnn(): layers.LayersModel {
  const { conv2d, dense, flatten, maxPooling2d } = layers.layers;
  const relu = { activation: 'relu' } as const;
  return layers.sequential({
    layers: [
      conv2d({ inputShape: [size, size, 3], filters: 16, kernelSize: 3, ...relu }),
      maxPooling2d({ poolSize: 2 }),
      conv2d({ filters: 32, kernelSize: 3, ...relu }),
      maxPooling2d({ poolSize: 2 }),
      flatten(),
      dense({ units: 64, ...relu }),
      dense({ units: classes.length }),
    ],
  });
}

/** Three convolutions of 32, 64 and 128 filters with batch normalisation, pooled between them, then a global average. */
function buildWide(): layers.LayersModel {
  const { activation, batchNormalization, conv2d, dense, maxPooling2d } = layers.layers;
  const network = layers.sequential();
  for (const filters of [32, 64, 128]) {
    const first = filters === 32 ? { inputShape: [size, size, 3] } : {};
    const padding = 'same';
    network.add(conv2d({ ...first, filters, kernelSize: 3, padding, useBias: false }));
    network.add(batchNormalization());
    network.add(activation({ activation: 'relu' }));
    if (filters < 128) network.add(maxPooling2d({ poolSize: 2 }));
  }
  network.add(layers.layers.globalAveragePooling2d({}));
  network.add(dense({ units: classes.length }));
  return network;
}

function createPictures(count: number): PreparedData {
  const random = createRandom('pictures');
  const rowLength = size * size * 3;
  const pixels = Uint8Array.from({ length: count * rowLength }, () => random.int(256));
  const preprocessing = imagePreprocessing(size);
  const row = (number: number) => pixels.subarray(number * rowLength, (number + 1) * rowLength);
  // One validation row, because a dataset without any cannot be trained on.
  const rows = Array.from({ length: count + 1 }, (_, number) => describeRow(number, count));
  return {
    index: {
      ...{ version: 1, dtype: 'uint8', shape: [size, size, 3], classes, preprocessing },
      ...{ shards: [], rows },
    },
    rowLength,
    row,
    fill(target, numbers) {
      for (const [position, number] of numbers.entries()) {
        scaleImage(row(number), preprocessing, target, position * rowLength);
      }
    },
  };
}

function describeRow(number: number, count: number): PreparedRow {
  const digest = `sha256:${'0'.repeat(64)}` as const;
  const split = number < count ? 'train' : 'validation';
  const label = classes[number % classes.length] ?? '';
  return { id: `row-${number}`, digest, split, label, metadata: {} };
}
