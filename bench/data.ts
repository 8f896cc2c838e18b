// Compares add, no-op status and checkout of many small files with DVC: same machine, same run, medians.
// Reads nothing but this repository; writes below a new temporary folder, which is removed at the end.
//   npx mainstem --exec node bench/data.ts   or   node_modules/node/bin/node bench/data.ts
//   --folder <dir>   where the temporary folder is made (default: the system's)
//   --files <n>      how many files (default 70000)
//   --rounds <n>     medians over so many rounds (default 3)
//   --dvc <path>     a DVC that is installed; default: installed from PyPI into a throw-away venv

import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseScript } from '../platform/lib/parse-script.ts';
import { renderComparison } from './data/comparison.ts';
import { createDvc } from './data/dvc.ts';
import { execute } from './data/files.ts';
import { createMainstem } from './data/mainstem.ts';
import { measure } from './data/measure.ts';

const { values } = parseScript({
  options: {
    folder: { type: 'string', default: tmpdir() },
    files: { type: 'string', default: '70000' },
    rounds: { type: 'string', default: '3' },
    dvc: { type: 'string' },
  },
});
const folder = await mkdtemp(join(values.folder, 'mainstem-bench-data-'));
const fileSystem = (await execute(folder, 'stat', ['-f', '-c', '%T', folder])).trim();
try {
  const files = Number(values.files);
  const contenders = [
    await createMainstem(join(folder, 'mainstem'), files),
    await createDvc(join(folder, 'dvc'), files, values.dvc),
  ];
  const times = await measure(contenders, Number(values.rounds));
  process.stdout.write(`${renderComparison(times, files, fileSystem)}\n`);
} finally {
  await rm(folder, { recursive: true, force: true });
}
