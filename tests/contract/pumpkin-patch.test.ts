import { mkdir, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { collectPumpkinPatch } from '../../pipeline/sources/pumpkin-patch/index.ts';
import { planHarvest } from '../../pipeline/sources/pumpkin-patch/plan.ts';
import { testSource } from './source.ts';

const harvest = '2027';

testSource('pumpkin patch', {
  collect: collectPumpkinPatch,
  harvest,
  refused: ['banana', '../2027', '2025', '02027', '2027/', ''],
  code: 'HARVEST_INVALID',
  async shorten(root) {
    // A first run that is stopped at once notes which renderer this is; from then on photos are kept.
    const signal = AbortSignal.abort(new Error('stopped'));
    await collectPumpkinPatch({ root, harvest, onProgress: () => {}, signal }).catch(() => {});
    const files = planHarvest(harvest).map(({ row }) => row.file);
    for (const file of files.slice(0, -8)) {
      const path = join(root, 'data/pumpkins', file);
      await mkdir(dirname(path), { recursive: true });
      await writeFile(path, `stand-in for ${file}`);
    }
  },
});
