// What faults cost the callers of a server: for each a server of its own under a steady load of rows, the fault, how many requests
// are lost (no answer, or a 5xx but a 503 that says when to come back) and how long it takes until answers are as before. Starts
// serving/server.ts at the loopback address and asks nobody else; writes to throw-away folders, and a table on standard output.
// Takes at most 2 minutes. The limit of descriptors is Linux's `prlimit`.
//   npx mainstem --exec node bench/faults.ts   or   node_modules/node/bin/node bench/faults.ts
//   --rate <n>               requests a second, each over a connection of its own (default 50)
//   --only <names>           faults, with commas: start,threads,sigterm,promotion,missing,corrupted,clock,descriptors,slow,canary

import { availableParallelism, cpus, loadavg } from 'node:os';
import { parseScript } from '../platform/lib/parse-script.ts';
import { faults } from './faults/faults.ts';
import { measureFault } from './faults/scene.ts';
import { measureStart } from './faults/start.ts';
import { type Row, renderTable } from './reliability/table.ts';

const { values } = parseScript({
  options: {
    rate: { type: 'string', default: '50' },
    only: { type: 'string', default: ['start', ...faults.map(({ name }) => name)].join() },
  },
});
const names = values.only.split(',');
const rate = Number(values.rate);
/** No fault begins later than this; the longest takes 30 s. */
const lastBeginMs = 90_000;

const rows: Row[] = [];
const load = loadavg()[0]?.toFixed(1);
if (names.includes('start')) await measure('start', measureStart);
for (const fault of faults) {
  if (names.includes(fault.name)) await measure(fault.name, () => measureFault(fault, rate));
}
const [processor] = cpus();
const machine = `${availableParallelism()} cores of ${processor?.model.trim() ?? 'unknown'}`;
process.stdout.write(`Faults at ${rate} requests/s (${machine}, load ${load}, Node ${process.versions.node})

${renderTable(rows)}
`);

async function measure(name: string, work: () => Promise<Row>): Promise<void> {
  const began = performance.now();
  try {
    if (began > lastBeginMs) throw new Error('out of time');
    rows.push(await work());
  } catch (error) {
    // What comes after is measured all the same.
    const found = `not measured: ${error instanceof Error ? error.message : error}`;
    rows.push({ what: name, found, goal: { text: 'measured', met: false } });
  }
  process.stderr.write(`${name}: ${((performance.now() - began) / 1000).toFixed(0)} s\n`);
}
