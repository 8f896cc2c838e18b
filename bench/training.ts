// How fast a small CNN trains: our wasm backend, and `tensorflow` where it is installed, against PyTorch on the CPU, the
// same network (conv 3×3×16, pool, conv 3×3×32, pool, dense 64, dense 3; Adam; 64×64×3; batch 32), one thread each, by
// turns in one run.
// Writes nothing but a table on standard output. Needs a Python with PyTorch (Debian: python3-torch, with
// libopenblas0-pthread, since its reference BLAS is several times slower).
//   npx node bench/training.ts [python] [turns] [network]     default: /usr/bin/python3 5 small
// Without Python (`-`) only the backends are compared; so they are on the network `wide`, which only they have.
import { execFile } from 'node:child_process';
import { loadavg } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { drivers, findBackend } from '../pipeline/backends/index.ts';

const run = promisify(execFile);
const [python = '/usr/bin/python3', turns = '5', network = 'small'] = process.argv.slice(2);
const folder = join(import.meta.dirname, 'training');
const counts = ['20', '5'];
const batchSize = 32;
const goalMs = 1.5;
const oneThread = {
  ...process.env,
  ...{ OMP_NUM_THREADS: '1', OPENBLAS_NUM_THREADS: '1' },
  ...{ TF_NUM_INTRAOP_THREADS: '1', TF_NUM_INTEROP_THREADS: '1' },
};

interface Steps {
  readonly version: string;
  /** Milliseconds of each step: on the clock, and of the processor (which other programs do not lengthen). */
  readonly times: number[];
  readonly processor: number[];
}

const backends = [
  'wasm',
  ...((await findBackend(drivers.tensorflow)).usable ? ['tensorflow'] : []),
];
const ours = backends.map((backend) => ({
  name: `Mainstem, ${backend}`,
  program: process.execPath,
  args: [join(folder, 'steps.ts'), ...counts, backend, network],
}));
const theirs = [
  {
    name: 'PyTorch',
    program: python,
    args: [join(folder, 'steps.py'), ...counts, 'contiguous'],
  },
  {
    name: 'PyTorch, channels last',
    program: python,
    args: [join(folder, 'steps.py'), ...counts, 'channels_last'],
  },
];

const contestants = [...ours, ...(python === '-' || network !== 'small' ? [] : theirs)];
const rounds: Steps[][] = [];
for (let turn = 0; turn < Number(turns); turn++) {
  const round: Steps[] = [];
  for (const { program, args } of contestants) round.push(await measure(program, args));
  rounds.push(round);
}
print();

async function measure(program: string, args: readonly string[]): Promise<Steps> {
  const { stdout } = await run(program, args, { env: oneThread }).catch((error: Error) => {
    const needs =
      'It needs a Python with PyTorch: apt-get install python3-torch libopenblas0-pthread, or name one.';
    throw new Error(`${program} failed. ${needs}`, { cause: error });
  });
  return JSON.parse(stdout);
}

function print(): void {
  const rows = contestants.map(({ name }, index) => {
    const own = rounds.flatMap((round) => round[index] ?? []);
    const perImage = (key: 'times' | 'processor') =>
      median(own.map((steps) => median(steps[key]) / batchSize));
    const clock = perImage('times');
    return { name, version: own[0]?.version ?? '', clock, processor: perImage('processor') };
  });
  const [first] = rows;
  if (!first) throw new Error('nothing was measured');
  const lines = rows.map(({ name, version, clock, processor }) => {
    const measured = [clock.toFixed(2), Math.round(1000 / clock), processor.toFixed(2)];
    const ratios = [first.clock / clock, first.processor / processor].map((each) =>
      each.toFixed(2),
    );
    return `| ${[name, version, ...measured, ...ratios].join(' | ')} |`;
  });
  const load = loadavg()[0]?.toFixed(1);
  const found = `${first.clock.toFixed(2)} (processor ${first.processor.toFixed(2)})`;
  process.stdout.write(
    [
      `Training, network ${network}, one thread, batch ${batchSize}: ${turns} turns of ${counts[0]} steps; load ${load}`,
      '',
      '| | version | ms/image | images/s | processor ms/image | wasm / this | processor |',
      '|---|---|---|---|---|---|---|',
      ...lines,
      '',
      ...(network === 'small' ? [`Goal: at most ${goalMs} ms/image; found ${found}.`, ''] : []),
    ].join('\n'),
  );
}

function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.floor(sorted.length / 2)] ?? Number.NaN;
}
