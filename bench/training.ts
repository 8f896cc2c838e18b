// How fast networks train: our wasm backend, and `tensorflow` where it is installed, against PyTorch on the CPU in both of its
// layouts and with its plain and its fused optimiser, each with one and two threads, by turns in one run; batch 32, Adam. Writes
// nothing but tables on standard output.
// Needs a Python with PyTorch:
//   python3 -m venv .mainstem/torch && .mainstem/torch/bin/pip install torch numpy
//   npx node bench/training.ts [python] [turns] [network …]     default: .mainstem/torch/bin/python 5, all
import { execFile } from 'node:child_process';
import { loadavg } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { drivers, findBackend } from '../pipeline/backends/index.ts';
import { parseScript } from '../platform/lib/parse-script.ts';

const run = promisify(execFile);
const { positionals } = parseScript({ allowPositionals: true, options: {} });
const [python = '.mainstem/torch/bin/python', turns = '5', ...asked] = positionals;
const folder = join(import.meta.dirname, 'training');
const batchSize = 32;
/** Medians but for the best step, which says most on a machine that others use, too. */
const measures = ['clock', 'best', 'processor'] as const;

/** `goal`: at least so many times as fast as the best of PyTorch with the same number of threads. */
const networks = [
  { name: 'small', what: 'CNN on 64×64×3: conv 16, conv 32, dense 64', steps: 20, goal: 0.95 },
  { name: 'wide', what: 'CNN with batch norm on 64×64×3: conv 32, 64, 128', steps: 8, goal: 0.5 },
  { name: 'mlp', what: 'rows of 20 numbers: dense 64, dense 32', steps: 1000, goal: 2 },
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
/** Layouts of pictures, and PyTorch's optimiser as it is by itself and in one kernel. */
const ways = [
  ['contiguous', 'plain'],
  ['channels_last', 'plain'],
  ['contiguous', 'fused'],
  ['channels_last', 'fused'],
] as const;
const peers = counts.flatMap((threads) =>
  ways.map(
    ([layout, adam]): Contestant => ({
      ...{ name: `PyTorch, ${layout}, ${adam} Adam`, threads, program: python },
      args: (network) => [
        ...[join(folder, 'steps.py'), network.name],
        ...[...countsOf(network), `${threads}`, layout, adam],
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
  return name.includes('contiguous');
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
    const found = rounds.flatMap((round) => round[index] ?? []);
    const perStep = (key: 'times' | 'processor') =>
      median(found.map((steps) => median(steps[key])));
    return {
      ...contestant,
      version: found[0]?.version ?? '',
      clock: perStep('times'),
      best: Math.min(...found.flatMap(({ times }) => times)),
      processor: perStep('processor'),
    };
  });
  const mine = (threads: number) => {
    const found = rows.find((row) => row.threads === threads && row.name === own[0]?.name);
    if (!found) throw new Error('nothing was measured');
    return found;
  };
  const lines = rows.map((row) => {
    const first = mine(row.threads);
    const cells = [
      ...[row.name, row.version, row.threads],
      ...measures.map((measure) => row[measure].toFixed(2)),
      Math.round((1000 * batchSize) / row.clock),
      ...measures.map((measure) => (row[measure] / first[measure]).toFixed(2)),
    ];
    return `| ${cells.join(' | ')} |`;
  });
  const verdicts = counts.map((threads) => {
    const first = mine(threads);
    const others = rows.filter(
      (row) => row.threads === threads && !row.name.startsWith('Mainstem'),
    );
    const speeds = measures.map(
      (measure) => Math.min(...others.map((row) => row[measure])) / first[measure],
    );
    const verdict = (speeds[0] ?? 0) >= goal ? 'met' : 'missed';
    const many = threads === 1 ? 'one thread' : 'two threads';
    return `${many} ${speeds.map((speed) => speed.toFixed(2)).join(', ')}: ${verdict}`;
  });
  const head = ['', 'version', 'threads', 'ms a step', 'best step', 'processor ms', 'examples/s'];
  const times = ['Mainstem is so many times as fast', 'by the best step', 'by processor time'];
  const columns = [...head, ...times];
  process.stdout.write(
    [
      `${name}: ${what}; batch ${batchSize}, ${turns} turns; load ${loadavg()[0]?.toFixed(1)}`,
      '',
      `| ${columns.join(' | ')} |`,
      `| ${columns.map(() => '---').join(' | ')} |`,
      ...lines,
      '',
      `Goal, against the best of PyTorch with as many threads: ${goal}. On the clock, by the best step, by processor time: ${verdicts.join('; ')}`,
      '',
      '',
    ].join('\n'),
  );
}

function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.floor(sorted.length / 2)] ?? Number.NaN;
}
