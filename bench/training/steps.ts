// Milliseconds (and those of the processor) of each training step of a network on a backend: rows from memory through the
// training loop's own step (scaling, forward, loss, gradients, Adam). Prints JSON. Run by bench/training.ts:
//   npx node bench/training/steps.ts <small|wide|mlp> <steps> <warm-up steps> [backend] [none|project|all] [ahead]
// By default on wasm, without augmentation; with `ahead` the next batch is varied on a thread of its own.
import * as layers from '@tensorflow/tfjs-layers';
import { createOptimizer, drivers, startBackend } from '../../pipeline/backends/index.ts';
import type { PreparedData } from '../../pipeline/prepare/index.ts';
import { createBatches } from '../../pipeline/training/batches.ts';
import { trainBatch } from '../../pipeline/training/fit-network.ts';
import { createGradientSource } from '../../pipeline/training/gradients.ts';
import { crossEntropyObjective } from '../../pipeline/training/objective.ts';
import { seedMathRandom } from '../../pipeline/training/seed.ts';
import { createRandom } from '../../platform/lib/random.ts';
import type { PreparedRow } from '../../platform/schemas/index.ts';
import { imagePreprocessing, scaleImage } from '../../platform/transforms/index.ts';

const [name = 'small', steps = '20', warmUp = '3', backend = 'wasm', varied = 'none', ahead] =
  process.argv.slice(2);
const size = 64;
const columns = 20;
const batchSize = 32;
const classes = ['a', 'b', 'c'];
const { batchNormalization, conv2d, dense, flatten, globalAveragePooling2d, maxPooling2d, reLU } =
  layers.layers;
const relu = { activation: 'relu' } as const;

type Layer = layers.LayersModel['layers'][number];

const networks: Readonly<Record<string, () => Layer[]>> = { small, wide, mlp };
const layersOf = networks[name];
if (!layersOf) throw new Error(`no network ${name}: ${Object.keys(networks).join(', ')}`);

seedMathRandom('bench');
const driver = Object.values(drivers).find((each) => each.name === backend);
if (!driver) throw new Error(`no backend ${backend}`);
await startBackend(driver);
const network = layers.sequential({ layers: layersOf() });
const data = name === 'mlp' ? createRows(batchSize * 4) : createPictures(batchSize * 4);
const none = { flip: false, shift: 0, brightness: 0, rotate: 0 };
const project = { flip: true, shift: 0.1, brightness: 0.2, rotate: 15 };
const all = { ...project, zoom: 0.3, colour: 0.2, blur: 0.03, erase: 0.4 };
const augmentations: Readonly<Record<string, typeof none>> = { none, project, all };
const augmentation = augmentations[varied];
if (!augmentation) throw new Error(`no augmentation ${varied}`);
const prefetchedRows = ahead === undefined ? 0 : batchSize;
const batches = createBatches(data, { augmentation, seed: 1 }, { prefetchedRows });
const objective = crossEntropyObjective(data.index.rows, classes, 'none');
const optimizer = await createOptimizer(0.001);
const source = await createGradientSource({ network, objective, batches, outlierExposure: null });
const times: number[] = [];
const processor: number[] = [];
const rowsOf = (step: number) =>
  Array.from({ length: batchSize }, (_, position) => (step % 4) * batchSize + position);
for (let step = 0; step < Number(warmUp) + Number(steps); step++) {
  const rows = rowsOf(step);
  const before = process.cpuUsage();
  const began = performance.now();
  batches.expect(rowsOf(step + 1), 1);
  await trainBatch(source, optimizer, 1, rows);
  const elapsed = performance.now() - began;
  const { user, system } = process.cpuUsage(before);
  if (step < Number(warmUp)) continue;
  times.push(elapsed);
  processor.push((user + system) / 1000);
}
const runs = await driver.describe?.();
const version = `Node ${process.version}${runs === undefined ? '' : `, ${runs}`}`;
process.stdout.write(JSON.stringify({ version, times, processor }));

/** conv 3×3×16, pool, conv 3×3×32, pool, dense 64, dense 3. */
function small(): Layer[] {
  return [
    conv2d({ inputShape: [size, size, 3], filters: 16, kernelSize: 3, ...relu }),
    maxPooling2d({ poolSize: 2 }),
    conv2d({ filters: 32, kernelSize: 3, ...relu }),
    maxPooling2d({ poolSize: 2 }),
    flatten(),
    dense({ units: 64, ...relu }),
    dense({ units: classes.length }),
  ];
}

/** Three times conv 3×3 (32, 64, 128), batch norm, relu and pool; the mean of each channel, dense 3. */
function wide(): Layer[] {
  const block = (filters: number, inputShape?: number[]) => [
    conv2d({
      filters,
      kernelSize: 3,
      padding: 'same',
      useBias: false,
      ...(inputShape && { inputShape }),
    }),
    batchNormalization(),
    reLU(),
    maxPooling2d({ poolSize: 2 }),
  ];
  const blocks = [...block(32, [size, size, 3]), ...block(64), ...block(128)];
  return [...blocks, globalAveragePooling2d({}), dense({ units: classes.length })];
}

/** 20 numbers, dense 64, dense 32, dense 3. */
function mlp(): Layer[] {
  return [
    dense({ inputShape: [columns], units: 64, ...relu }),
    dense({ units: 32, ...relu }),
    dense({ units: classes.length }),
  ];
}

function createPictures(count: number): PreparedData {
  const random = createRandom('pictures');
  const rowLength = size * size * 3;
  const pixels = Uint8Array.from({ length: count * rowLength }, () => random.int(256));
  const preprocessing = imagePreprocessing(size);
  const row = (number: number) => pixels.subarray(number * rowLength, (number + 1) * rowLength);
  return {
    index: {
      ...{ version: 1, dtype: 'uint8', shape: [size, size, 3], classes, preprocessing },
      ...{ shards: [], rows: describeRows(count) },
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

/** Rows of numbers, as a table's are after encoding. */
function createRows(count: number): PreparedData {
  const random = createRandom('rows');
  const values = Float32Array.from({ length: count * columns }, () => random.next());
  const row = (number: number) => values.subarray(number * columns, (number + 1) * columns);
  return {
    index: {
      ...{ version: 1, dtype: 'float32', shape: [columns], classes, shards: [] },
      ...{ preprocessing: imagePreprocessing(size), rows: describeRows(count) },
    },
    rowLength: columns,
    row: (number) => new Uint8Array(row(number).slice().buffer),
    fill(target, numbers) {
      for (const [position, number] of numbers.entries())
        target.set(row(number), position * columns);
    },
  };
}

/** Training rows, and one for validation, because a dataset without any cannot be trained on. */
function describeRows(count: number): PreparedRow[] {
  return Array.from({ length: count + 1 }, (_, number) => {
    const digest = `sha256:${'0'.repeat(64)}` as const;
    const split = number < count ? 'train' : 'validation';
    const label = classes[number % classes.length] ?? '';
    return { id: `row-${number}`, digest, split, label, metadata: {} };
  });
}
