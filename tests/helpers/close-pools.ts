// Opens pools, closes each while its threads compute or load, and prints how their batches ended. In a process of its own, which
// would be aborted if a thread were ended at the wrong moment.
import { readFile } from 'node:fs/promises';
import { createPool } from '../../serving/inference/pool.ts';

const onnx = await readFile(new URL('../fixtures/models/table.onnx', import.meta.url));
const models = [{ name: 'table', onnx }];
const rows = 100_000;
let answered = 0;
let refused = 0;

for (let round = 0; round < Number(process.argv[2]); round++) {
  const pool = createPool({ models }, { workers: 2, queue: 100 });
  await pool.ready();
  const batches = Array.from({ length: 6 }, () =>
    pool.run('table', new Float32Array(rows * 3), [rows, 3]),
  );
  const ended = Promise.allSettled(batches);
  // What is being computed is at another place each time.
  for (let turn = 0; turn < round % 8; turn++) await new Promise(setImmediate);
  await pool.close();
  for (const { status } of await ended) {
    if (status === 'fulfilled') answered += 1;
    else refused += 1;
  }
  const unready = createPool({ models }, { workers: 2, queue: 100 });
  await unready.close();
}
process.stdout.write(JSON.stringify({ answered, refused }));
