// A flow of two stages for a test to kill. Appends to <root>/log what it does.
//   node long-flow.ts <root> <seconds that the second stage hangs before its last step>
import { appendFile, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { Type } from 'typebox';
import { createFlow, defineStage } from '../../../../pipeline/engine/index.ts';
import { silentReporter } from '../../../../platform/lib/reporter.ts';
import { openStore } from '../../../../platform/storage/index.ts';
import { buildRegression } from '../../../helpers/project.ts';

const [root = '', seconds = '0'] = process.argv.slice(2);
const log = (line: string) => appendFile(join(root, 'log'), `${line}\n`);
const Steps = Type.Object({ steps: Type.Integer() });
const common = { parameters: [], resources: { cpus: 1, memoryMb: 1 }, outputs: Steps };

const short = defineStage({
  ...common,
  name: 'short',
  entry: join(root, 'short.ts'),
  run: async () => {
    await log('short');
    return { steps: 1 };
  },
});

const long = defineStage({
  ...common,
  name: 'long',
  entry: join(root, 'long.ts'),
  async run({ scratch }, _inputs: { readonly before: { readonly steps: number } }) {
    const checkpoint = join(scratch, 'checkpoint');
    const done = Number(await readFile(checkpoint, 'utf8').catch(() => '0'));
    await log(`long from step ${done}`);
    for (let step = done + 1; step <= 2; step++) {
      await writeFile(checkpoint, String(step));
      await log(`step ${step}`);
      if (step === 1) await sleep(Number(seconds) * 1000);
    }
    return { steps: 2 };
  },
});

const { signal } = new AbortController();
const workspace = { root, reporter: silentReporter, signal };
const flow = createFlow({ workspace, store: openStore(root), project: buildRegression() });
flow.stage(long, { before: flow.stage(short, {}) });
const stages = await flow.finish();
process.stdout.write(JSON.stringify(stages.map(({ action }) => action)));
