// Kills commands with SIGKILL at random points, every second time with all their child processes, lets them finish, and
// counts the harm: damaged or half-written files, git locks, dirty trees, what is left after `fsck --repair`, results
// that differ from those of an undisturbed run. Reads nothing but this repository; writes below a new temporary folder,
// which is removed at the end.
//   npx mainstem --exec node bench/kills.ts   or   node_modules/node/bin/node bench/kills.ts
//   --kills <n>      how many kills that hit a running process (default 200)
//   --seconds <n>    ends after this time even if there were fewer (default 360)
//   --seed <text>    of the random points (default 1)

import { mkdtemp, realpath, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseScript } from '../platform/lib/parse-script.ts';
import { createRandom } from '../platform/lib/random.ts';
import {
  type Harm,
  type KilledCommand,
  killAndFinish,
  noHarm,
  runUndisturbed,
  type Undisturbed,
} from '../tests/helpers/kills.ts';
import { createCommands } from './kills/commands.ts';
import { renderHarm } from './kills/render-harm.ts';

const { values } = parseScript({
  options: {
    kills: { type: 'string', default: '200' },
    seconds: { type: 'string', default: '360' },
    seed: { type: 'string', default: '1' },
  },
});
/** Kills in a row before a command may finish. */
const inARow = 3;
/** With less than this part of its work a command has only loaded its modules. */
const loading = 0.4;

const began = performance.now();
const isOver = () => performance.now() - began > Number(values.seconds) * 1000;
const folder = await realpath(await mkdtemp(join(tmpdir(), 'mainstem-kills-')));
try {
  const { commands, places, repair } = await createCommands(folder);
  const rows = new Map<KilledCommand, { undisturbed: Undisturbed; harm: Harm }>();
  for (const command of commands) {
    // Once more, because the first time it also compiles its code.
    await runUndisturbed(command);
    rows.set(command, { undisturbed: await runUndisturbed(command), harm: noHarm() });
  }
  const random = createRandom(values.seed);
  let left = Number(values.kills);
  for (let turn = 0; left > 0 && !isOver(); turn++) {
    const [command, row] = [...rows][turn % rows.size] ?? [];
    if (!command || !row) break;
    const { undisturbed, harm } = row;
    const before = harm.hits;
    const plan = { times: Math.min(inARow, left), loading, undisturbed, random, places, repair };
    await killAndFinish(command, plan, harm).catch((error: unknown) => {
      process.stderr.write(`${error}\n`);
      harm.wrongResults++;
    });
    left -= harm.hits - before;
  }
  const table = [...rows].map(([{ name }, { harm }]) => [name, harm] as const);
  const seconds = (performance.now() - began) / 1000;
  process.stdout.write(`${renderHarm(table)}\n\nSeed ${values.seed}, ${seconds.toFixed(0)} s.\n`);
} finally {
  await rm(folder, { recursive: true, force: true, maxRetries: 5 });
}
