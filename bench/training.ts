// How fast networks train: our wasm backend, and `tensorflow` where it is installed, against PyTorch on the CPU in both of its
// layouts, each with one and two threads, by turns in one run; batch 32, Adam. Writes nothing but tables on standard output.
// Needs a Python with PyTorch:
//   python3 -m venv .mainstem/torch && .mainstem/torch/bin/pip install torch numpy
//   npx node bench/training.ts [python] [turns] [network …]     default: .mainstem/torch/bin/python 5, all
import { execFile } from 'node:child_process';
import { loadavg } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { drivers, findBackend } from '../pipeline/backends/index.ts';

const run = promisify(execFile);
const [python = '.mainstem/torch/bin/python', turns = '5', ...asked] = process.argv.slice(2);
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
const counts = [1, 2];
const backends = (await findBackend(drivers.tensorflow)).usable ? ['wasm', 'tensorflow'] : ['wasm'];
const own = backends.flatMap((backend) =>
  counts.map(
    (threads): Contestant => ({
      ...{ name: `Mainstem, ${backend}`, threads, program: process.execPath },
      args: (network) => [join(folder, 'steps.ts'), network.name, ...countsOf(network), backend],
    }),
  ),
);
const peers = counts.flatMap((threads) =>
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
  if (asked.length > 0 && !asked.includes(network.name)) continue;
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
  const pools = ['MAINSTEM', 'OMP_NUM', 'OPENBLAS_NUM', 'TF_NUM_INTRAOP', 'TF_NUM_INTEROP'];
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
  const mine = (threads: number) => {
    const found = rows.find((row) => row.threads === threads && row.name === own[0]?.name);
    if (!found) throw new Error('nothing was measured');
    return found;
  };
  const lines = rows.map((row) => {
    const { clock, processor } = mine(row.threads);
    const cells = [
      ...[row.name, row.version, row.threads, row.clock.toFixed(2), row.processor.toFixed(2)],
      Math.round((1000 * batchSize) / row.clock),
      ...[(row.clock / clock).toFixed(2), (row.processor / processor).toFixed(2)],
    ];
    return `| ${cells.join(' | ')} |`;
  });
  const verdicts = counts.map((threads) => {
    const others = rows.filter(
      (row) => row.threads === threads && !row.name.startsWith('Mainstem'),
    );
    const { clock, processor } = mine(threads);
    const speed = Math.min(...others.map((row) => row.clock)) / clock;
    const work = Math.min(...others.map((row) => row.processor)) / processor;
    const verdict = speed >= goal ? 'met' : 'missed';
    const many = threads === 1 ? 'one thread' : 'two threads';
    return `${many} ${speed.toFixed(2)} (by processor time ${work.toFixed(2)}): ${verdict}`;
  });
  process.stdout.write(
    [
      `${name}: ${what}; batch ${batchSize}, ${turns} turns; load ${loadavg()[0]?.toFixed(1)}`,
      '',
      '| | version | threads | ms a step | processor ms a step | examples/s | Mainstem on as many is so many times as fast | by processor time |',
      '| --- | --- | --- | --- | --- | --- | --- | --- |',
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
