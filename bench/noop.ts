// How long it takes to find that nothing has changed: `mainstem run <project>` against `dvc repro` of a
// pipeline with the same stages, dependencies, parameters and outputs, turn by turn in one go.
// Reads the repository (and runs the project once, if it has no results yet), installs DVC from PyPI in a
// throw-away environment, writes nothing but a table on standard output.
//   npx node bench/noop.ts [project] [turns]     default: pumpkins 7
import { execFile } from 'node:child_process';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { availableParallelism, loadavg, tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';

const run = promisify(execFile);
const root = join(import.meta.dirname, '..');
const [project = 'pumpkins', turns = '7'] = process.argv.slice(2);
const goal = { seconds: 1, ratio: 5 };

const folder = await mkdtemp(join(tmpdir(), 'mainstem-noop-'));
try {
  const stages = await prepareMainstem();
  const dvc = await prepareDvc(stages);
  const mainstem = () => seconds(process.execPath, [bootstrap(), 'run', project]);
  const times: Times = { mainstem: [], thorough: [], dvc: [] };
  for (let turn = 0; turn < Number(turns); turn++) {
    await rm(join(root, '.mainstem', 'unchanged'), { recursive: true, force: true });
    times.thorough.push(await mainstem());
    times.mainstem.push(await mainstem());
    times.dvc.push(await seconds(dvc.program, ['repro'], dvc.folder));
  }
  print(stages, times, dvc.version);
} finally {
  await rm(folder, { recursive: true, force: true });
}

interface StageShape {
  readonly stage: string;
  readonly action: string;
}

interface Times {
  readonly mainstem: number[];
  /** Without the remembered answer: every key computed, every record and artefact looked up. */
  readonly thorough: number[];
  readonly dvc: number[];
}

/** What `npx mainstem` runs, without npx's own start. */
function bootstrap(): string {
  return join(root, 'pipeline', 'cli', 'bootstrap.js');
}

/** Brings the project up to date, and makes sure that a further run reuses every stage. */
async function prepareMainstem(): Promise<StageShape[]> {
  const options = { cwd: root, maxBuffer: 2 ** 28 };
  await run(process.execPath, [bootstrap(), 'run', project], options);
  const { stdout } = await run(process.execPath, [bootstrap(), 'run', project, '--json'], options);
  const { stages }: { stages: StageShape[] } = JSON.parse(stdout);
  const busy = stages.find(({ action }) => action !== 'reused');
  if (busy) throw new Error(`stage ${busy.stage} is ${busy.action} although nothing changed`);
  return stages;
}

/** A DVC project in which each stage depends on one source file, its parameters and the stage before it. */
async function prepareDvc(stages: readonly StageShape[]) {
  const environment = join(folder, 'venv');
  await run('python3', ['-m', 'venv', environment]);
  await run(join(environment, 'bin', 'pip'), ['install', '--quiet', 'dvc']);
  const program = join(environment, 'bin', 'dvc');
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

async function seconds(program: string, args: string[], cwd = root): Promise<number> {
  const began = performance.now();
  await run(program, args, { cwd });
  return (performance.now() - began) / 1000;
}

function median(values: readonly number[]): number {
  return values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)] ?? Number.NaN;
}

function print(stages: readonly StageShape[], times: Times, version: string): void {
  const [own, other] = [median(times.mainstem), median(times.dvc)];
  const ratio = other / own;
  const mark = (met: boolean) => (met ? 'met' : 'missed');
  const row = (name: string, values: readonly number[]) =>
    `| ${name} | ${median(values).toFixed(2)} | ${Math.min(...values).toFixed(2)} | ${Math.max(...values).toFixed(2)} |`;
  process.stdout.write(`Nothing changed, ${stages.length} stages, ${turns} turns, whole process, seconds
(${availableParallelism()} cores, load ${loadavg()[0]?.toFixed(1)}, Node ${process.versions.node})

| | median | fastest | slowest |
|---|---|---|---|
${row(`mainstem run ${project}`, times.mainstem)}
${row('… after a change elsewhere', times.thorough)}
${row(`dvc ${version} repro`, times.dvc)}

Goal ≤ ${goal.seconds} s: ${own.toFixed(2)} s, ${mark(own <= goal.seconds)}. Goal ≥ ${goal.ratio}× faster: ${ratio.toFixed(1)}×, ${mark(ratio >= goal.ratio)}.
`);
}
