import { cp, mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { beforeEach, expect } from 'vitest';
import type { StageContext } from '../../../../pipeline/engine/index.ts';
import { groupOfRow } from '../../../../pipeline/group-of-row.ts';
import {
  type PrepareInputs,
  prepareStage,
  readPrepared,
} from '../../../../pipeline/prepare/index.ts';
import { silentReporter } from '../../../../platform/lib/reporter.ts';
import { defineProject, type Project } from '../../../../platform/schemas/define/index.ts';
import type { PrepareOutput, Preprocessing } from '../../../../platform/schemas/index.ts';
import { lockProject, openStore, type Store } from '../../../../platform/storage/index.ts';
import { decodeImage, encodeRow, readPicture } from '../../../../platform/transforms/index.ts';
import { readSource, seePhoto } from '../../../../serving/inference/see-photo.ts';
import { test } from '../../../helpers/folder.ts';
import { buildProject } from '../../../helpers/project.ts';

const pictures = join(import.meta.dirname, '../../../fixtures/features-images');
const classOf = { 'large.jpg': 'good', 'turned.jpg': 'ok', 'grey.png': 'bad' };
const parameters = { imageSize: 24 };

let root: string;
let store: Store;

beforeEach<{ folder: string }>(({ folder }) => {
  root = folder;
  store = openStore(root);
});

test('prepare packs the very bytes that the serving path decodes', async () => {
  const { context, inputs } = await lockPictures();
  const output = await prepareStage.run(context, inputs, parameters);
  const data = await readPrepared(store, output);
  expect(output.rows).toBe(3);
  expect(data.index).toMatchObject({ dtype: 'uint8', shape: [24, 24, 3] });
  expect(data.index.rows.map(({ id, label }) => [id, label])).toEqual([
    ['bad/grey.png', 'bad'],
    ['good/large.jpg', 'good'],
    ['ok/turned.jpg', 'ok'],
  ]);
  for (const [row, { digest }] of data.index.rows.entries()) {
    const bytes = await store.get(digest);
    expect(Buffer.from(data.row(row))).toEqual(Buffer.from(await decodeImage(bytes, 24)));
    expect(networkInput(data, row)).toEqual(await servedInput(bytes, data.index.preprocessing));
  }
});

test('preparing the same data again gives the same digests', async () => {
  const { context, inputs } = await lockPictures();
  const first = await prepareStage.run(context, inputs, parameters);
  expect(await prepareStage.run(context, inputs, parameters)).toEqual(first);
});

test('a photo that cannot be decoded is named', async () => {
  await mkdir(join(root, 'data/pumpkins/bad'), { recursive: true });
  await writeFile(join(root, 'data/pumpkins/bad/broken.jpg'), Buffer.from([0xff, 0xd8, 0xff, 0]));
  const { context, inputs } = await lockPictures();
  await expect(prepareStage.run(context, inputs, parameters)).rejects.toMatchObject({
    code: 'PREPARE_UNREADABLE',
    details: { path: 'data/pumpkins/bad/broken.jpg' },
  });
});

test('a label that is not a class is refused, except for out-of-distribution sets', async () => {
  const { context, inputs } = await lockPictures();
  const fitted = await prepareStage.run(context, inputs, parameters);
  const others = { ...inputs, classes: ['good', 'ok'] };
  await expect(prepareStage.run(context, others, parameters)).rejects.toMatchObject({
    code: 'PREPARE_LABEL_UNKNOWN',
    details: { path: 'data/pumpkins/bad/grey.png', label: 'bad', known: 'good, ok' },
  });
  const outliers = await prepareStage.run(context, { ...others, fitted }, { imageSize: 99 });
  expect((await readPrepared(store, outliers)).index.shape).toEqual([24, 24, 3]);
});

test('work stops when it is interrupted', async () => {
  const { context, inputs } = await lockPictures();
  const signal = AbortSignal.abort(new Error('enough'));
  const interrupted = { ...context, workspace: { ...context.workspace, signal } };
  await expect(prepareStage.run(interrupted, inputs, parameters)).rejects.toThrow('enough');
});

test('a table is encoded with the statistics of its training rows only', async () => {
  const { context, inputs } = await lockTable(
    (row) => `${row},${row % 2 ? 'barn' : ''},${row * 2.5}`,
  );
  const data = await readPrepared(store, await prepareStage.run(context, inputs, {}));
  const { preprocessing, rows } = data.index;
  if (preprocessing.kind !== 'table') throw new Error('not a table');
  // Row by row, as a request is encoded.
  const cells = (row = 1) => ({ size: `${row - 1}`, place: (row - 1) % 2 ? 'barn' : '' });
  const training = rows.filter(({ split }) => split === 'train').map(({ row }) => cells(row));
  const sizes = training.map(({ size }) => Number(size));
  const mean = sizes.reduce((sum, size) => sum + size, 0) / sizes.length;
  expect(preprocessing.columns[0]).toMatchObject({ name: 'size', mean });
  expect(data.index).toMatchObject({ dtype: 'float32', shape: [2], classes: [] });
  for (const [at, { row, split, metadata }] of rows.entries()) {
    expect(networkInput(data, at)).toEqual(encodeRow(preprocessing, cells(row)));
    if (split === 'train') expect(metadata).toEqual({});
    else expect(metadata).toMatchObject(cells(row));
  }
});

test('every row of a table keeps what it belongs to, training rows nothing else', async () => {
  const { context, inputs } = await lockTable((row) => `${row % 20},${'abcdefgh'[row % 8]},${row}`);
  const split = { ...inputs.split, group: 'place' };
  const { rows } = (
    await readPrepared(store, await prepareStage.run(context, { ...inputs, split }, {}))
  ).index;
  for (const example of rows) {
    const place = 'abcdefgh'[((example.row ?? 1) - 1) % 8];
    expect(groupOfRow(example, 'place')).toBe(place);
    if (example.split === 'train') expect(example.metadata).toEqual({ place });
  }
  const splits = Map.groupBy(rows, ({ metadata }) => metadata.place);
  for (const [, own] of splits) expect(new Set(own.map((one) => one.split)).size).toBe(1);
});

test('an example says what a model takes of it, whatever its label, and a training row as serving encodes it', async () => {
  const features = { place: { kind: 'category', encoding: 'target', missing: 0.5 } } as const;
  const prepare = async (line: (row: number) => string, fitted?: PrepareOutput) => {
    const { context, inputs } = await lockTable(line);
    const table = inputs.table && { table: { ...inputs.table, features } };
    const output = await prepareStage.run(
      context,
      { ...inputs, ...table, ...(fitted && { fitted }) },
      {},
    );
    const { rows } = (await readPrepared(store, output)).index;
    return { output, contents: new Map(rows.map(({ row, content }) => [row, content])) };
  };
  const place = (row: number) => ['barn', 'field', 'wood'][row % 3];
  const first = await prepare((row) => `${row},${place(row)},${(row % 3) * 10 + (row % 7)}`);
  expect(new Set(first.contents.values()).size).toBe(3);
  const later = await prepare((row) => `${row + 7},${place(row)},${row}`, first.output);
  expect(later.contents).toEqual(first.contents);
});

test('a table is prepared for an earlier model as that was fitted, whatever the rows and features are now', async () => {
  const { context, inputs } = await lockTable((row) => `${row},${row % 2 ? 'barn' : ''},${row}`);
  const trees = await prepareStage.run(context, { ...inputs, encoding: 'codes' }, {});
  const { preprocessing } = (await readPrepared(store, trees)).index;
  const later = await lockTable((row) => `${row * 100},${row % 2 ? 'field' : 'barn'},${row}`);
  const { table } = later.inputs;
  const features = { size: { kind: 'number', missing: 0.05 } } as const;
  const fewer = { ...later.inputs, ...(table && { table: { ...table, features } }) };
  const output = await prepareStage.run(later.context, { ...fewer, fitted: trees }, {});
  const data = await readPrepared(store, output);
  expect(data.index.preprocessing).toEqual(preprocessing);
  if (preprocessing.kind !== 'table') throw new Error('not a table');
  for (const [at, { row = 1 }] of data.index.rows.entries()) {
    const cells = { size: `${(row - 1) * 100}`, place: (row - 1) % 2 ? 'field' : 'barn' };
    expect(networkInput(data, at)).toEqual(encodeRow(preprocessing, cells));
  }
});

test('a category by its label: training rows are encoded by other rows, whatever the order of the table, all others as served', async () => {
  const features = { place: { kind: 'category', encoding: 'target', missing: 0.5 } } as const;
  const line = (row: number) =>
    `${row},${['barn', 'field', 'wood'][row % 3]},${(row % 3) * 10 + (row % 7)}`;
  const prepare = async (order: (row: number) => number) => {
    const { context, inputs } = await lockTable((row) => line(order(row)));
    const { table } = inputs;
    const output = await prepareStage.run(
      context,
      { ...inputs, ...(table && { table: { ...table, features } }) },
      {},
    );
    const data = await readPrepared(store, output);
    return { ...data, rows: data.index.rows.map((row, at) => ({ row, at })) };
  };
  const data = await prepare((row) => row);
  const { preprocessing } = data.index;
  if (preprocessing.kind !== 'table') throw new Error('not a table');
  expect(preprocessing.columns).toMatchObject([{ values: ['barn', 'field', 'wood'] }]);
  const served = ({ row = 1 }) =>
    encodeRow(preprocessing, { place: ['barn', 'field', 'wood'][(row - 1) % 3] });
  const differ = data.rows.filter(({ row, at }) => networkInput(data, at)[0] !== served(row)[0]);
  expect(differ.every(({ row }) => row.split === 'train')).toBe(true);
  expect(differ.length).toBeGreaterThan(10);
  const back = await prepare((row) => 39 - row);
  const inputsOf = ({ rows, ...prepared }: typeof data) =>
    new Map(rows.map(({ row, at }) => [row.digest, networkInput(prepared, at)[0]]));
  const [before, after] = [inputsOf(data), inputsOf(back)];
  for (const [digest, value] of before) expect(after.get(digest)).toBeCloseTo(value ?? 0, 5);
});

test('a regression target that is not a number is named', async () => {
  const { context, inputs } = await lockTable((row) => `${row},barn,${row === 3 ? 'tall' : row}`);
  await expect(prepareStage.run(context, inputs, {})).rejects.toMatchObject({
    code: 'PREPARE_LABEL_UNKNOWN',
    details: { label: 'tall', known: 'numbers' },
  });
});

test('a label of 0 has no logarithm to learn, and is named', async () => {
  const { context, inputs } = await lockTable((row) => `${row},barn,${row}`);
  const { table } = inputs;
  const logarithms = {
    ...inputs,
    ...(table && { table: { ...table, labelScale: 'log' as const } }),
  };
  await expect(prepareStage.run(context, logarithms, {})).rejects.toMatchObject({
    code: 'PREPARE_LABEL_UNKNOWN',
    details: { label: '0', known: 'numbers above 0' },
  });
});

test('a number so far from the training rows that the network would overflow is refused with its row', async () => {
  const outcomes = new Set<string>();
  for (let planted = 0; planted < 12; planted++) {
    const size = (row: number) => (row === planted ? '1e37' : row);
    const { context, inputs } = await lockTable((row) => `${size(row)},barn,${row}`);
    const outcome = await prepareStage.run(context, inputs, {}).catch((error) => error);
    outcomes.add(outcome instanceof Error ? 'refused' : 'trained on');
    if (!(outcome instanceof Error)) continue;
    expect(outcome).toMatchObject({ code: 'PREPARE_UNREADABLE' });
    expect(outcome.message).toContain(`plants.csv, row ${planted + 1}: a number lies `);
  }
  // In the training rows it widens their deviation, and nothing overflows.
  expect([...outcomes].sort()).toEqual(['refused', 'trained on']);
});

async function lockPictures() {
  for (const [name, label] of Object.entries(classOf)) {
    await cp(join(pictures, name), join(root, 'data/pumpkins', label, name));
  }
  return lock(buildProject(root));
}

/** @param line gives size, place and height of a row. */
async function lockTable(line: (row: number) => string) {
  const base = buildProject(root);
  const lines = Array.from({ length: 40 }, (_, row) => line(row));
  await writeFile(join(root, 'plants.csv'), `size,place,height\n${lines.join('\n')}\n`);
  const { classes: _, ...others } = base.definition;
  const definition = defineProject({
    ...others,
    task: 'tabular-regression',
    gates: [{ metric: 'r2', atLeast: 0 }],
    data: { ...others.data, name: 'plants', path: 'plants.csv' },
    table: {
      label: 'height',
      features: { size: { kind: 'number' }, place: { kind: 'category' } },
    },
  });
  return lock({ ...base, definition });
}

async function lock(project: Project): Promise<{ context: StageContext; inputs: PrepareInputs }> {
  const signal = new AbortController().signal;
  const workspace = { root, reporter: silentReporter, signal };
  const { datasets } = await lockProject(workspace, store, project);
  const { definition } = project;
  const dataset = datasets[definition.data.name];
  if (!dataset) throw new Error('not locked');
  const { split, classes = [], table } = definition;
  const inputs = { dataset, split, classes, ...(table && { table }) };
  return { context: { workspace, store, project, scratch: join(root, 'scratch') }, inputs };
}

type Data = Awaited<ReturnType<typeof readPrepared>>;

function networkInput(data: Data, row: number): Float32Array {
  const target = new Float32Array(data.rowLength);
  data.fill(target, [row]);
  return target;
}

/** The tensor that a worker thread of the server makes of a photo. */
async function servedInput(bytes: Uint8Array, preprocessing: Preprocessing): Promise<Float32Array> {
  if (preprocessing.kind !== 'image') throw new Error('not for photos');
  const jpeg = { jpeg: new Uint8Array(bytes), maximumPixels: 1e6 };
  const photo = { kind: 'photo', preprocessing, measured: false } as const;
  const source = { ...photo, source: jpeg };
  const picture = readSource(source) ?? (await readPicture(bytes, preprocessing.size));
  return seePhoto(picture, source).input;
}
