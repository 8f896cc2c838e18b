// How the server holds under attack: many times as many requests as it can answer, mutated requests, bombs, a stop under
// load, Schemathesis. Starts serving/server.ts at the loopback address, by itself and again whenever it dies; asks
// nobody else. Writes to a throw-away folder, and a table on standard output. Takes at most 4 minutes.
//   npx mainstem --exec node bench/reliability.ts   or   node_modules/node/bin/node bench/reliability.ts
//   --root <folder>          serves the models that this repository promotes; default: two small ones of the tests
//   --schemathesis <path>    an installed Schemathesis (pip install schemathesis); default: it is skipped
//   --mutated <n>            how many mutated requests (default 10000)
//   --seed <text>            of the mutations (default 1)
//   --capacity <seconds>     how long the capacity is measured (default 10)
//   --overload <seconds>     how long the overload lasts (default 20)
//   --times <n>              how many times its capacity the overload is (default 10)
//   --apart                  the server on the first processor and the load on the last, as if it came from elsewhere
//   --only <names>           parts, with commas: load,mutated,hostile,shutdown,schemathesis (default all)

import { availableParallelism, cpus, loadavg } from 'node:os';
import { parseScript } from '../platform/lib/parse-script.ts';
import { createModelRepository, gourds, pumpkins } from '../tests/helpers/model-repository.ts';
import { makeBombs } from './reliability/bombs.ts';
import { measureHostile } from './reliability/hostile.ts';
import { measureMutated } from './reliability/mutated.ts';
import { measureCapacity, measureOverload } from './reliability/overload.ts';
import { buildRequests } from './reliability/requests.ts';
import { measureSchemathesis } from './reliability/schemathesis.ts';
import { measureShutdown } from './reliability/shutdown.ts';
import { type Row, renderTable } from './reliability/table.ts';
import { startTarget } from './reliability/target.ts';

const { values } = parseScript({
  options: {
    root: { type: 'string' },
    schemathesis: { type: 'string', default: '' },
    mutated: { type: 'string', default: '10000' },
    seed: { type: 'string', default: '1' },
    capacity: { type: 'string', default: '10' },
    overload: { type: 'string', default: '20' },
    times: { type: 'string', default: '10' },
    apart: { type: 'boolean', default: false },
    only: { type: 'string', default: 'load,mutated,hostile,shutdown,schemathesis' },
  },
});
const parts = values.only.split(',');
/** No part begins later than this, and none goes on longer than that. */
const limits = { beginMs: 3 * 60_000, endMs: 4 * 60_000 };

const rows: Row[] = [];
const limit = setTimeout(async () => {
  rows.push({ what: 'what was under way', found: 'given up after 4 minutes' });
  print();
  target.kill();
  await repository?.remove();
  process.exit(1);
}, limits.endMs);
const repository = values.root ? undefined : await createModelRepository(gourds, pumpkins);
const target = await startTarget(
  values.root ?? repository?.root ?? '.',
  values.apart ? cpus().length - 1 : undefined,
);
try {
  await measureAll();
  print();
} finally {
  await target.stop();
  await repository?.remove();
  clearTimeout(limit);
}

async function measureAll(): Promise<void> {
  const requests = await buildRequests(target.url);
  const options = { seed: values.seed, count: Number(values.mutated) };
  let capacity = 0;
  await measure('load', async () => {
    const measured = await measureCapacity(target, requests, Number(values.capacity));
    capacity = measured.rate;
    const [times, seconds] = [Number(values.times), Number(values.overload)];
    const load = { rate: capacity, times, seconds };
    return [...measured.rows, ...(await measureOverload(target, requests, load))];
  });
  await measure('mutated', () => measureMutated(target, requests, options));
  await measure('hostile', async () => measureHostile(target, requests, await makeBombs()));
  await measure('shutdown', () => measureShutdown(target, requests, capacity));
  await measure('schemathesis', () => measureSchemathesis(target, values.schemathesis));
}

async function measure(
  part: string,
  work: () => Promise<Iterable<Row> | AsyncIterable<Row>>,
): Promise<void> {
  if (!parts.includes(part)) return;
  const began = performance.now();
  try {
    if (began > limits.beginMs) throw new Error('out of time');
    for await (const row of await work()) rows.push(row);
  } catch (error) {
    // What comes after is measured all the same.
    const found = `not measured: ${error instanceof Error ? error.message : error}`;
    rows.push({ what: part, found, goal: { text: 'measured', met: false } });
  }
  process.stderr.write(`${part}: ${((performance.now() - began) / 1000).toFixed(0)} s\n`);
}

function print(): void {
  const [processor] = cpus();
  const places = values.apart ? ', server on the first, load on the last' : '';
  const machine = `${availableParallelism()} cores of ${processor?.model.trim() ?? 'unknown'}${places}`;
  const load = loadavg()[0]?.toFixed(1);
  process.stdout.write(`Reliability (${machine}, load ${load}, Node ${process.versions.node})

${renderTable(rows)}
`);
}
