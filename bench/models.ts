// What many models cost a server that holds all of them, loads them when they are asked for, or has room for a few: start, memory,
// the first request of a model and the next ones. At the loopback address, in one run. Writes to a throw-away folder. Takes 2 minutes.
//   node_modules/node/bin/node bench/models.ts
//   --models <n>          default 20
//   --room <n>            models that fit where there is a bound (default 4)
//   --wide <n>            multiplies the filters of the pumpkins' network (default 4: 1.5 MB)

import { cpus, loadavg } from 'node:os';
import { join } from 'node:path';
import { parseScript } from '../platform/lib/parse-script.ts';
import { createRandom } from '../platform/lib/random.ts';
import { serverFlags, serverMemory } from '../platform/lib/server-flags.ts';
import { measureNetwork } from '../serving/inference/measure-network.ts';
import { exchangeOnce } from './reliability/exchange.ts';
import { quantile } from './reliability/table.ts';
import { type Contender, findPort, startContender } from './serving/contender.ts';
import { createRepository, side } from './serving/repository.ts';
import { postBinary } from './serving/requests.ts';

const { values } = parseScript({
  options: {
    models: { type: 'string', default: '20' },
    room: { type: 'string', default: '4' },
    wide: { type: 'string', default: '4' },
  },
});
const names = Array.from({ length: Number(values.models) }, (_, at) => `model-${at}`);
const workers = 2;
const repository = await createRepository(names, Number(values.wide));
const session = await measureNetwork(repository.onnx, [1, side, side, 3]);
const each = repository.onnx.length + workers * session;
const bound = Math.ceil(each * 1.05 * Number(values.room));

/** What one server took. */
interface Figures {
  readonly start: number;
  readonly memoryAtStart: number;
  readonly cold: number[];
  readonly memoryAsked: number;
  readonly warm: number[];
  readonly random: number[];
  readonly memoryAfter: number;
}

try {
  const mb = (bytes: number) => `${(bytes / 1e6).toFixed(2)} MB`;
  process.stdout.write(`${cpus()[0]?.model}, load ${loadavg()[0]?.toFixed(1)}\n`);
  process.stdout.write(
    `${names.length} networks of ${mb(repository.onnx.length)}; one takes ${mb(session)} on a thread, ${mb(each)} in all; ` +
      `the bound is ${mb(bound)}\n`,
  );
  await report('all at start', {});
  await report('when asked for', { MAINSTEM_PRELOAD: 'none' });
  const bounded = { MAINSTEM_PRELOAD: 'none', MAINSTEM_MODELS_MEMORY: String(bound) };
  await report(`room for ${values.room}`, bounded);
  await report(`room for ${values.room}, large blocks given back`, {
    ...bounded,
    ...serverMemory,
  });
} finally {
  await repository.remove();
}

async function report(name: string, environment: Record<string, string>): Promise<void> {
  const found = await measure(name, environment);
  const ms = (times: number[], share: number) => `${quantile(times, share).toFixed(1)} ms`;
  const lines = [
    `ready after ${found.start.toFixed(2)} s with ${found.memoryAtStart.toFixed(0)} MB`,
    `first requests p50 ${ms(found.cold, 0.5)}, slowest ${ms(found.cold, 1)}; then ${found.memoryAsked.toFixed(0)} MB`,
    `the same model again p50 ${ms(found.warm, 0.5)}, p99 ${ms(found.warm, 0.99)}`,
    `models at random p50 ${ms(found.random, 0.5)}, p99 ${ms(found.random, 0.99)}; then ${found.memoryAfter.toFixed(0)} MB`,
  ];
  process.stdout.write(`${name}\n${lines.map((line) => `  ${line}\n`).join('')}`);
}

async function measure(name: string, environment: Record<string, string>): Promise<Figures> {
  const server = await start(name, environment);
  try {
    const random = createRandom(1);
    const memoryAtStart = await server.memory();
    const cold = await askAll(server, names);
    const memoryAsked = await server.memory();
    const [last = ''] = names.slice(-1);
    const warm = await askAll(
      server,
      Array.from({ length: 200 }, () => last),
    );
    const drawn = Array.from({ length: 200 }, () => names[random.int(names.length)] ?? '');
    const times = await askAll(server, drawn);
    const memoryAfter = await server.memory();
    return {
      start: server.coldStart,
      memoryAtStart,
      cold,
      memoryAsked,
      warm,
      random: times,
      memoryAfter,
    };
  } finally {
    await server.stop();
  }
}

/** Milliseconds of each answer, one request after the other. */
async function askAll({ port }: Contender, asked: readonly string[]): Promise<number[]> {
  const times: number[] = [];
  for (const name of asked) {
    const { outcome, ms } = await exchangeOnce(port, postBinary(`/v2/models/${name}/infer`), {
      totalMs: 30_000,
    });
    if (outcome !== 200) throw new Error(`${name} answered ${outcome}`);
    times.push(ms);
  }
  return times;
}

async function start(name: string, settings: Record<string, string>): Promise<Contender> {
  const port = await findPort();
  const file = join(import.meta.dirname, '../serving/server.ts');
  const server = [...serverFlags, file, '--root', repository.root, '--port', String(port)];
  const environment = {
    LOG_LEVEL: 'silent',
    HOST: '127.0.0.1',
    MAINSTEM_WORKERS: String(workers),
    ...settings,
  };
  const first = Buffer.from('GET /readyz HTTP/1.1\r\nhost: 127.0.0.1\r\nconnection: close\r\n\r\n');
  return startContender({ name, command: [process.execPath, ...server], environment, first }, port);
}
