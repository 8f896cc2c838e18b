// How long it takes to find that nothing has changed: `mainstem run <project>` against `dvc repro` of a
// pipeline with the same stages, dependencies, parameters and outputs, turn by turn in one go. Rows: nothing was
// touched since the last run; a comment was added to source files that no stage of the project uses; one was added
// to a file that a stage does use (only that file is parsed again); nothing is remembered.
// Reads the repository (and trains the project once, if it has no results yet), edits three of its source files and
// puts them back, writes a table on standard output.
//   npx mainstem --exec node bench/noop.ts   or   node_modules/node/bin/node bench/noop.ts
//   --project <name>  which project (default pumpkins)
//   --turns <n>       medians over so many turns (default 7)
//   --dvc <path>      a DVC that is installed; default: installed from PyPI into a throw-away venv

import { execFile } from 'node:child_process';
import { appendFile, mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { availableParallelism, loadavg, tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { parseScript } from '../platform/lib/parse-script.ts';

const run = promisify(execFile);
const root = join(import.meta.dirname, '..');
const { values } = parseScript({
  options: {
    project: { type: 'string', default: 'pumpkins' },
    turns: { type: 'string', default: '7' },
    dvc: { type: 'string' },
  },
});
const { project } = values;
const goal = { seconds: 1, ratio: 5 };

const folder = await mkdtemp(join(tmpdir(), 'mainstem-noop-'));
try {
  const stages = await prepareMainstem();
  const sources = await pickSources(stages);
  const dvc = await prepareDvc(stages);
  const times: Times = { untouched: [], elsewhere: [], inside: [], thorough: [], dvc: [] };
  for (let turn = 0; turn < Number(values.turns); turn++) {
    times.elsewhere.push(await whileEdited(sources.elsewhere, mainstem));
    times.inside.push(await whileEdited([sources.inside], mainstem));
    await mainstem();
    times.untouched.push(await mainstem());
    times.dvc.push(await measure(dvc.program, ['repro'], dvc.folder));
    await rm(join(root, '.mainstem', 'unchanged'), { recursive: true, force: true });
    times.thorough.push(await mainstem());
  }
  print(stages, times, { ...sources, version: dvc.version });
} finally {
  await rm(folder, { recursive: true, force: true });
}

interface StageShape {
  readonly stage: string;
  readonly action: string;
  readonly key: string;
}

interface Time {
  /** From start to end. */
  readonly seconds: number;
  /** Of processors, which a busy machine changes less. */
  readonly processor: number;
}

type Times = Record<'untouched' | 'elsewhere' | 'inside' | 'thorough' | 'dvc', Time[]>;

interface Sources {
  /** Source files that no stage of the project uses: another project's, and another command's. */
  readonly elsewhere: readonly string[];
  /** One that training uses. */
  readonly inside: string;
}

/** What `npx mainstem` runs, without npx's own start. */
function bootstrap(): string {
  return join(root, 'pipeline', 'cli', 'bootstrap.js');
}

function mainstem(): Promise<Time> {
  return measure(process.execPath, [bootstrap(), 'run', project]);
}

/** Brings the project up to date, and makes sure that a further run reuses every stage. */
async function prepareMainstem(): Promise<StageShape[]> {
  const options = { cwd: root, maxBuffer: 2 ** 28 };
  const ask = () => run(process.execPath, [bootstrap(), 'run', project, '--json'], options);
  // In a fresh clone there is neither data nor result yet: an experiment makes both.
  await ask().catch(() => run(process.execPath, [bootstrap(), 'experiment', project], options));
  const { stages }: { stages: StageShape[] } = JSON.parse((await ask()).stdout);
  const busy = stages.find(({ action }) => action !== 'reused');
  if (busy) throw new Error(`stage ${busy.stage} is ${busy.action} although nothing changed`);
  await mainstem();
  return stages;
}

async function pickSources(stages: readonly StageShape[]): Promise<Sources> {
  const codes = await Promise.all(stages.map(readStageCode));
  const used = new Set(codes.flat());
  const { stdout } = await run('git', ['ls-files', 'pipeline', 'platform'], { cwd: root });
  const free = stdout.split('\n').filter((path) => path.endsWith('.ts') && !used.has(path));
  const other = free.find((path) => /projects\/.*\/model\.ts$/.test(path));
  const command = free.find((path) => path.endsWith('/serve.ts'));
  const inside = [...used].find((path) => /training\/.*\.ts$/.test(path));
  if (!inside) throw new Error('no stage uses a file of training');
  return { inside, elsewhere: [other, command].filter((path) => path !== undefined) };
}

/** The source files behind a stage's result, from its record. */
async function readStageCode({ key }: StageShape): Promise<string[]> {
  const name = `${key.slice('sha256:'.length)}.json`;
  const text = await readFile(join(root, '.mainstem', 'store', 'records', name), 'utf8');
  const { ingredients }: { ingredients: { code: Record<string, string> } } = JSON.parse(text);
  return Object.keys(ingredients.code);
}

/** Measures with a comment added to each file; then the files are as they were. */
async function whileEdited(
  paths: readonly string[],
  measureOnce: () => Promise<Time>,
): Promise<Time> {
  const before = await Promise.all(paths.map((path) => readFile(join(root, path))));
  try {
    for (const path of paths) await appendFile(join(root, path), `// ${performance.now()}\n`);
    return await measureOnce();
  } finally {
    for (const [at, path] of paths.entries()) await writeFile(join(root, path), before[at] ?? '');
  }
}

/** A DVC project in which each stage depends on one source file, its parameters and the stage before it. */
async function prepareDvc(stages: readonly StageShape[]) {
  const program = values.dvc ?? (await installDvc());
  const repository = join(folder, 'repository');
  await mkdir(repository);
  await run('git', ['init', '--quiet'], { cwd: repository });
  await run(program, ['init', '--quiet'], { cwd: repository });
  await run(program, ['config', 'core.analytics', 'false'], { cwd: repository });
  await writeFile(join(repository, 'data.json'), '{"digest":"sha256:0"}\n');
  await writeFile(join(repository, 'params.yaml'), 'seed: 1\nlearningRate: 0.001\n');
  for (const { stage } of stages) await writeFile(join(repository, `${stage}.ts`), `// ${stage}\n`);
  await writeFile(join(repository, 'dvc.yaml'), `stages:\n${stages.map(dvcStage).join('')}`);
  await run(program, ['repro', '--quiet'], { cwd: repository });
  const { stdout } = await run(program, ['--version']);
  return { program, folder: repository, version: stdout.trim() };
}

async function installDvc(): Promise<string> {
  const environment = join(folder, 'venv');
  await run('python3', ['-m', 'venv', environment]);
  await run(join(environment, 'bin', 'pip'), ['install', '--quiet', 'dvc']);
  return join(environment, 'bin', 'dvc');
}

function dvcStage({ stage }: StageShape, index: number, all: readonly StageShape[]): string {
  const before = all[index - 1];
  const input = before ? `${before.stage}.out` : 'data.json';
  return `  ${stage}:
    cmd: cp ${input} ${stage}.out
    deps: [${input}, ${stage}.ts]
    params: [seed, learningRate]
    outs: [${stage}.out]
`;
}

async function measure(program: string, args: readonly string[], cwd = root): Promise<Time> {
  const script = 'TIMEFORMAT="%R %U %S"; time "$@"';
  const { stderr } = await run('bash', ['-c', script, 'bash', program, ...args], { cwd });
  const line = stderr.trim().split('\n').at(-1) ?? '';
  const [seconds = Number.NaN, user = 0, system = 0] = line.split(' ').map(Number);
  return { seconds, processor: user + system };
}

function median(numbers: readonly number[]): number {
  return numbers.toSorted((a, b) => a - b)[Math.floor(numbers.length / 2)] ?? Number.NaN;
}

function print(
  stages: readonly StageShape[],
  times: Times,
  { elsewhere, inside, version }: Sources & { readonly version: string },
): void {
  const seconds = (of: readonly Time[]) => of.map((time) => time.seconds);
  const processor = (of: readonly Time[]) => median(of.map((time) => time.processor));
  const ratio = (of: readonly Time[]) => median(seconds(times.dvc)) / median(seconds(of));
  const row = (name: string, of: readonly Time[]) => {
    const figures = [median(seconds(of)), Math.min(...seconds(of)), Math.max(...seconds(of))];
    const cells = [...figures, processor(of)].map((value) => `${value.toFixed(2)} s`);
    return `| ${[name, ...cells, `${ratio(of).toFixed(1)}×`].join(' | ')} |`;
  };
  const verdict = (of: readonly Time[]) => {
    const met = ratio(of) >= goal.ratio && median(seconds(of)) <= goal.seconds;
    return `${ratio(of).toFixed(1)}×, ${met ? 'met' : 'missed'}`;
  };
  process.stdout.write(`Nothing changed, ${stages.length} stages, ${values.turns} turns, whole process
(${availableParallelism()} cores, load ${loadavg()[0]?.toFixed(1)}, Node ${process.versions.node})

| | median | fastest | slowest | processor | faster than DVC |
| --- | --- | --- | --- | --- | --- |
${row(`\`mainstem run ${project}\``, times.untouched)}
${row('… after edits elsewhere in the repository', times.elsewhere)}
${row('… after a comment in a file that training uses', times.inside)}
${row('… with nothing remembered', times.thorough)}
${row(`\`dvc repro\` ${version}`, times.dvc)}

Edited elsewhere: ${elsewhere.join(', ')}; inside: ${inside}.
Goal ≤ ${goal.seconds} s and ≥ ${goal.ratio}× faster: untouched ${verdict(times.untouched)}; edited elsewhere ${verdict(times.elsewhere)}.
`);
}
