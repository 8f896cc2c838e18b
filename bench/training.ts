// How fast networks train: our wasm backend, on its one thread, and `tensorflow` on one where it is installed, against PyTorch
// on the CPU with one and two threads and in both of its layouts, by turns in one run; batch 32, Adam. Writes nothing but tables
// on standard output. Needs a Python with PyTorch:
//   python3 -m venv .mainstem/torch && .mainstem/torch/bin/pip install torch numpy
//   npx node bench/training.ts [python] [turns]     default: .mainstem/torch/bin/python 5
import { execFile } from 'node:child_process';
import { loadavg } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { drivers, findBackend } from '../pipeline/backends/index.ts';

const run = promisify(execFile);
const [python = '.mainstem/torch/bin/python', turns = '5'] = process.argv.slice(2);
const folder = join(import.meta.dirname, 'training');
const batchSize = 32;

/** `goal`: at least so many times as fast as the best of PyTorch with the same number of threads. */
const networks = [
  { name: 'small', what: 'CNN on 64×64×3: conv 16, conv 32, dense 64', steps: 20, goal: 0.95 },
  { name: 'wide', what: 'CNN with batch norm on 64×64×3: conv 32, 64, 128', steps: 8, goal: 0.5 },
  { name: 'mlp', what: 'rows of 20 numbers: dense 64, dense 32', steps: 300, goal: 2 },
] as const;

type Network = (typeof networks)[number];

interface Steps {
  readonly version: string;
  /** Milliseconds of each step: on the clock, and of the processor (which other programs do not lengthen). */
  readonly times: number[];
  readonly processor: number[];
}

interface Contestant {
  readonly name: string;
  readonly threads: number;
  readonly program: string;
  readonly args: (network: Network) => string[];
}

const countsOf = ({ steps }: Network) => [`${steps}`, `${Math.ceil(steps / 4)}`];
const ours: Contestant = {
  ...{ name: 'Mainstem, wasm', threads: 1, program: process.execPath },
  args: (network) => [join(folder, 'steps.ts'), network.name, ...countsOf(network)],
};
const native: Contestant = {
  ...{ name: 'Mainstem, tensorflow', threads: 1, program: process.execPath },
  args: (network) => [...ours.args(network), 'tensorflow'],
};
const own = (await findBackend(drivers.tensorflow)).usable ? [ours, native] : [ours];
const peers = [1, 2].flatMap((threads) =>
  ['contiguous', 'channels_last'].map(
    (layout): Contestant => ({
      ...{ name: `PyTorch, ${layout}`, threads, program: python },
      args: (network) => [
        ...[join(folder, 'steps.py'), network.name],
        ...[...countsOf(network), `${threads}`, layout],
      ],
    }),
  ),
);

for (const network of networks) {
  const contestants = [...own, ...(network.name === 'mlp' ? peers.filter(isPlain) : peers)];
  const rounds: Steps[][] = [];
  for (let turn = 0; turn < Number(turns); turn++) {
    const round: Steps[] = [];
    for (const contestant of contestants) round.push(await measure(contestant, network));
    rounds.push(round);
  }
  print(network, contestants, rounds);
}

/** The layout of pictures is nothing to rows. */
function isPlain({ name }: Contestant): boolean {
  return name.endsWith('contiguous');
}

async function measure({ program, threads, args }: Contestant, network: Network): Promise<Steps> {
  const pools = ['OMP_NUM', 'OPENBLAS_NUM', 'TF_NUM_INTRAOP', 'TF_NUM_INTEROP'];
  const limits = pools.map((pool) => [`${pool}_THREADS`, `${threads}`]);
  const env = { ...process.env, ...Object.fromEntries(limits) };
  const { stdout } = await run(program, args(network), { env }).catch((error: Error) => {
    const needs = 'It needs a Python with PyTorch: the head of bench/training.ts says how.';
    throw new Error(`${program} failed. ${needs}`, { cause: error });
  });
  return JSON.parse(stdout);
}

function print(
  { name, what, goal }: Network,
  contestants: readonly Contestant[],
  rounds: readonly Steps[][],
): void {
  const rows = contestants.map((contestant, index) => {
    const own = rounds.flatMap((round) => round[index] ?? []);
    const perStep = (key: 'times' | 'processor') => median(own.map((steps) => median(steps[key])));
    return {
      ...contestant,
      version: own[0]?.version ?? '',
      clock: perStep('times'),
      processor: perStep('processor'),
    };
  });
  const [mine] = rows;
  if (!mine) throw new Error('nothing was measured');
  const lines = rows.map((row) => {
    const cells = [
      row.name,
      row.version,
      row.threads,
      row.clock.toFixed(2),
      row.processor.toFixed(2),
    ];
    return `| ${[...cells, Math.round((1000 * batchSize) / row.clock), (row.clock / mine.clock).toFixed(2)].join(' | ')} |`;
  });
  const verdicts = [1, 2].map((threads) => {
    const best = Math.min(
      ...rows.filter((row) => row !== mine && row.threads === threads).map(({ clock }) => clock),
    );
    const speed = best / mine.clock;
    return `${threads === 1 ? 'one thread' : 'two threads'} ${speed.toFixed(2)}: ${speed >= goal ? 'met' : 'missed'}`;
  });
  process.stdout.write(
    [
      `${name}: ${what}; batch ${batchSize}, ${turns} turns; load ${loadavg()[0]?.toFixed(1)}`,
      '',
      '| | version | threads | ms a step | processor ms a step | examples/s | Mainstem is so many times as fast |',
      '| --- | --- | --- | --- | --- | --- | --- |',
      ...lines,
      '',
      `Goal, against the best of PyTorch with as many threads: ${goal}. ${verdicts.join('; ')}`,
      '',
      '',
    ].join('\n'),
  );
}

function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.floor(sorted.length / 2)] ?? Number.NaN;
}
