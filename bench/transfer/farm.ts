import { execFile } from 'node:child_process';
import { cp, mkdir, readdir, readFile, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { openContext } from '../../pipeline/context.ts';
import { openSession } from '../../pipeline/onnx/index.ts';
import { readPrepared } from '../../pipeline/prepare/index.ts';
import { areaUnderRoc } from '../../platform/lib/area-under-roc.ts';
import { parseJson } from '../../platform/lib/json.ts';
import { silentReporter } from '../../platform/lib/reporter.ts';
import { ModelRecord } from '../../platform/schemas/index.ts';
import { decide, decisionRules, decodeImage, scaleImage } from '../../platform/transforms/index.ts';
import { executeTimed } from '../data/files.ts';

const repository = join(import.meta.dirname, '..', '..');

/** A repository made from the template, whose projects learn from one backbone. */
export interface Farm {
  init(name: string, photos: string): Promise<void>;
  edit(name: string, file: string, before: RegExp | string, after: string): Promise<void>;
  /** Locks, trains and evaluates. */
  experiment(name: string): Promise<ModelRecord>;
  /** What the last experiment left. */
  record(name: string): Promise<ModelRecord>;
  /** The same as `experiment`, with its seconds. */
  timed(name: string): Promise<{ readonly wall: number; readonly processor: number }>;
  /** Adds photos as the set of what must be refused. */
  addOutliers(name: string, photos: string): Promise<void>;
  /** AUROC of a model's score between its test photos and others that it never had to do with. */
  separation(record: ModelRecord, others: string): Promise<number>;
  /** Writes a record's features as `<base>.f32`, and what they are of as `<base>.json`. */
  writeRows(record: ModelRecord, base: string): Promise<void>;
}

/** Creates the repository. */
export async function createFarm(folder: string, backbone: string): Promise<Farm> {
  const root = join(folder, 'farm');
  const filter = (source: string) => !source.includes(join('pipeline', 'projects'));
  for (const part of ['platform', 'pipeline', 'monitoring', 'package.json']) {
    await cp(join(repository, part), join(root, part), { recursive: true, filter });
  }
  await mkdir(join(root, 'pipeline/projects'));
  await symlink(join(repository, 'node_modules'), join(root, 'node_modules'));
  await promisify(execFile)('git', ['init', '-q'], { cwd: root });
  const node = join(repository, 'node_modules/node/bin/node');
  const preload = join(root, 'platform/lib/use-bundles.js');
  const mainstem = (...args: string[]) =>
    executeTimed(root, node, ['--import', preload, join(root, 'pipeline/cli/cli.ts'), ...args], {});
  const context = async (name: string) => {
    const { signal } = new AbortController();
    return openContext({ root, reporter: silentReporter, signal }, name);
  };
  const timed = async (name: string) => {
    const began = performance.now();
    const steps = [await mainstem('lock', name), await mainstem('experiment', name)];
    const processor = steps.reduce((sum, step) => sum + step.processor, 0);
    return { wall: (performance.now() - began) / 1000, processor };
  };
  const record = async (name: string) => {
    const path = join(root, '.mainstem/runs', name, 'candidate.json');
    return parseJson(await readFile(path, 'utf8'), ModelRecord, path);
  };
  const edit: Farm['edit'] = async (name, file, before, after) => {
    const path = join(root, 'pipeline/projects', name, file);
    await writeFile(path, (await readFile(path, 'utf8')).replace(before, after));
  };
  return {
    async init(name, photos) {
      await mainstem('init', name, '--from', photos, '--backbone', backbone);
      // On a busy machine the latency says nothing, and a gate that fails would end the bench.
      await edit(name, 'project.ts', /latencyMs: \d+/, 'latencyMs: 60_000');
    },
    edit,
    timed,
    async experiment(name) {
      await timed(name);
      return record(name);
    },
    record,
    async addOutliers(name, photos) {
      const path = `data/${name}-other`;
      await cp(photos, join(root, path, 'other'), { recursive: true });
      const set = `outOfDistribution: { name: '${name}-other', path: '${path}', source: 'bench', licence: 'see there' },`;
      await edit(name, 'project.ts', /^ {2}split:/m, `  ${set}\n  split:`);
      await edit(name, 'params.json', '"seed": 7,', '"seed": 7,\n  "outlierExposure": 0.5,');
    },
    async separation(record, others) {
      const { store } = await context(record.model);
      const data = await readPrepared(store, record.prepared);
      const onnx = await store.get(record.package.onnx.digest);
      await using session = await openSession(onnx, data.index.shape);
      const rules = decisionRules(record);
      const scoreOf = async (values: Float32Array) =>
        decide(await session.run(values, 1), rules).score;
      const inliers: number[] = [];
      for (const [row, { split }] of data.index.rows.entries()) {
        if (split !== 'test') continue;
        const values = new Float32Array(data.rowLength);
        data.fill(values, [row]);
        inliers.push(await scoreOf(values));
      }
      const outliers: number[] = [];
      const { preprocessing } = data.index;
      if (preprocessing.kind !== 'image') throw new Error('not photos');
      for (const file of await readdir(others)) {
        const pixels = await decodeImage(await readFile(join(others, file)), preprocessing.size);
        const values = new Float32Array(data.rowLength);
        scaleImage(pixels, preprocessing, values, 0);
        outliers.push(await scoreOf(values));
      }
      return areaUnderRoc(inliers, outliers) ?? Number.NaN;
    },
    async writeRows(record, base) {
      const { store } = await context(record.model);
      if (!record.embedded) throw new Error('the record has no features');
      const { index, row } = await readPrepared(store, record.embedded);
      await writeFile(`${base}.f32`, Buffer.concat(index.rows.map((_, at) => row(at))));
      const rows = index.rows.map(({ id, label, split }) => ({ id, label, split }));
      await writeFile(`${base}.json`, JSON.stringify(rows));
    },
  };
}
