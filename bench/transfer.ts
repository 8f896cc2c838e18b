// Photos learnt from a backbone's features: how often right on photos that were held out, beside logistic regression on the
// same features and on pixels; how well photos of another class are refused; and how long it takes from `lock` to the
// report. Writes nothing but tables on standard output and a folder of its own among the temporary files. Needs a folder of
// <class>/<photo>, a backbone, and a Python with scikit-learn and Pillow, which it installs from PyPI if none is named.
//   npx node bench/transfer.ts --photos <folder> --backbone <file> [--python <path>] [--only accuracy|refusal|speed|tuning]
// With `--only tuning` the last blocks of the backbone are trained, too, beside the same project with the backbone as it is:
//   … --only tuning [--divisions 5] [--tuned '[{ "blocks": 1, "epochs": 5, "learningRate": 1e-4 }]']

import { execFile } from 'node:child_process';
import { cp, mkdir, mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { loadavg, tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { promisify } from 'node:util';
import sharp from 'sharp';
import { parseScript } from '../platform/lib/parse-script.ts';
import { createFarm } from './transfer/farm.ts';

const run = promisify(execFile);
const { values: options } = parseScript({
  options: {
    photos: { type: 'string' },
    backbone: { type: 'string' },
    python: { type: 'string' },
    only: { type: 'string' },
    divisions: { type: 'string', default: '5' },
    tuned: { type: 'string', default: '[{ "blocks": 1, "epochs": 5, "learningRate": 1e-4 }]' },
  },
});
if (!options.photos || !options.backbone) throw new Error('--photos and --backbone are required');
const photos = resolve(options.photos);
const backbone = resolve(options.backbone);
const folder = await mkdtemp(join(tmpdir(), 'mainstem-bench-transfer-'));
const divisions = [1, 2, 3, 4, 5].slice(0, Number(options.divisions));
const wanted = (part: string) => options.only === undefined || options.only === part;

console.log(`load ${loadavg()[0]?.toFixed(1)} before`);
const farm = await createFarm(folder, backbone);
try {
  if (wanted('accuracy')) await compareAccuracy();
  if (wanted('refusal')) await measureRefusal();
  if (wanted('speed')) await measureSpeed(2500);
  if (options.only === 'tuning') await compareTuning();
} finally {
  await rm(folder, { recursive: true, force: true });
}
console.log(`load ${loadavg()[0]?.toFixed(1)} after`);

/** Five divisions into training, validation and test; the regressions learn from training and validation. */
async function compareAccuracy(): Promise<void> {
  await farm.init('photos', photos);
  const ours: { accuracy: number; logLoss: number }[] = [];
  for (const seed of divisions) {
    await farm.edit('photos', 'project.ts', /seed: \d+/, `seed: ${seed}`);
    const record = await farm.experiment('photos');
    const metric = (wantedName: string) =>
      record.evaluation.metrics.find(({ name }) => name === wantedName)?.value ?? Number.NaN;
    ours.push({ accuracy: metric('accuracy'), logLoss: metric('logLoss') });
    await farm.writeRows(record, join(folder, `rows-${seed}`));
  }
  const theirs: Record<string, { accuracy: number; logLoss: number }[]> = JSON.parse(
    await python('reference.py', folder, photos, String(divisions.length)),
  );
  console.log('\n| | accuracy | log loss | accuracy of each division |\n| --- | --- | --- | --- |');
  for (const [name, found] of Object.entries({ Mainstem: ours, ...theirs })) {
    const [accuracies, losses] = [
      found.map((one) => one.accuracy),
      found.map((one) => one.logLoss),
    ];
    const each = accuracies.map(percent).join(', ');
    console.log(
      `| ${name} | ${percent(mean(accuracies))} | ${mean(losses).toFixed(3)} | ${each} |`,
    );
  }
}

/** Each division with the backbone as it is, and with its last blocks trained, too. */
async function compareTuning(): Promise<void> {
  await farm.init('photos', photos);
  const columns = ['division', 'backbone', 'accuracy', 'log loss', 'validation', 'processor'];
  console.log(`\n| ${columns.join(' | ')} |\n|${' --- |'.repeat(columns.length)}`);
  const params = (before: RegExp | string, after: string) =>
    farm.edit('photos', 'params.json', before, after);
  const settings: readonly unknown[] = JSON.parse(options.tuned);
  for (const seed of divisions) {
    await farm.edit('photos', 'project.ts', /seed: \d+/, `seed: ${seed}`);
    await reportTuning(String(seed), 'frozen');
    for (const setting of settings.map((one) => JSON.stringify(one))) {
      const tuned = `"fineTune": ${setting}, "seed"`;
      await params('"seed"', tuned);
      await reportTuning(String(seed), setting.replaceAll(/[{}"]/g, '').replaceAll(',', ', '));
      await params(tuned, '"seed"');
    }
  }
}

async function reportTuning(division: string, way: string): Promise<void> {
  const { processor } = await farm.timed('photos');
  const { evaluation, training } = await farm.record('photos');
  const metric = (wantedName: string) =>
    evaluation.metrics.find(({ name }) => name === wantedName)?.value ?? Number.NaN;
  const best = Math.min(...training.epochs.map(({ validationLoss }) => validationLoss));
  const kept = `${best.toFixed(4)} in epoch ${training.bestEpoch} of ${training.epochs.length}`;
  console.log(
    `| ${division} | ${way} | ${percent(metric('accuracy'))} | ${metric('logLoss').toFixed(3)} | ${kept} | ${processor.toFixed(0)} s |`,
  );
}

/** Each class in turn is what nobody taught: once as a set of things to refuse, once unknown until the end. */
async function measureRefusal(): Promise<void> {
  console.log(
    '\n| left out | AUROC with its photos as outliers | with none |\n| --- | --- | --- |',
  );
  const found: { shown: number; unseen: number }[] = [];
  for (const left of await readdir(photos)) {
    const others = join(folder, `without-${left}`);
    await cp(photos, others, { recursive: true, filter: (path) => path !== join(photos, left) });
    const project = `without-${left}`;
    await farm.init(project, others);
    const plain = await farm.experiment(project);
    const unseen = await farm.separation(plain, join(photos, left));
    await farm.addOutliers(project, join(photos, left));
    const shown =
      (await farm.experiment(project)).evaluation.outOfDistribution?.auroc ?? Number.NaN;
    found.push({ shown, unseen });
    console.log(`| ${left} | ${shown.toFixed(3)} | ${unseen.toFixed(3)} |`);
  }
  const means = (['shown', 'unseen'] as const).map((way) => mean(found.map((one) => one[way])));
  console.log(`| mean | ${means.map((value) => value.toFixed(3)).join(' | ')} |`);
}

/** From `lock` to the report, of as many photos: those that are there, and darker and lighter ones made of them. */
async function measureSpeed(count: number): Promise<void> {
  const many = join(folder, 'many');
  await multiply(photos, many, count);
  await farm.init('many', many);
  const cost = await farm.timed('many');
  console.log(
    `\n${count} photos, from lock to report: ${cost.wall.toFixed(1)} s, processor ${cost.processor.toFixed(1)} s`,
  );
}

async function multiply(from: string, to: string, count: number): Promise<void> {
  const files = (await readdir(from, { recursive: true }))
    .filter((path) => /\.jpe?g$/i.test(path))
    .sort();
  for (let at = 0; at < count; at++) {
    const file = files[at % files.length] ?? '';
    const brightness = 1 + 0.05 * Math.floor(at / files.length);
    const target = join(to, file.replace(/\.jpe?g$/i, `-${Math.floor(at / files.length)}.jpg`));
    await mkdir(join(target, '..'), { recursive: true });
    await writeFile(
      target,
      await sharp(join(from, file)).modulate({ brightness }).jpeg().toBuffer(),
    );
  }
}

async function python(script: string, ...args: string[]): Promise<string> {
  const path = options.python ?? (await installPython());
  const env = { ...process.env, OMP_NUM_THREADS: '1' };
  return (await run(path, [join(import.meta.dirname, 'transfer', script), ...args], { env }))
    .stdout;
}

async function installPython(): Promise<string> {
  const venv = join(folder, 'venv');
  await run('python3', ['-m', 'venv', venv]);
  const path = join(venv, 'bin/python');
  await run(path, ['-m', 'pip', 'install', '--quiet', 'scikit-learn', 'pillow']);
  return path;
}

function mean(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}

function percent(share: number): string {
  return `${(100 * share).toFixed(1)} %`;
}
