import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, onTestFinished } from 'vitest';
import { createSpentReader } from '../../../../pipeline/engine/read-spent.ts';
import { test } from '../../../helpers/folder.ts';

/** A power zone as Linux shows it. */
async function writeZone(powercap: string, zone: string, name: string, microjoules: number) {
  await mkdir(join(powercap, zone), { recursive: true });
  await writeFile(join(powercap, zone, 'name'), `${name}\n`);
  await writeFile(join(powercap, zone, 'max_energy_range_uj'), '1000000\n');
  await writeFile(join(powercap, zone, 'energy_uj'), `${microjoules}\n`);
}

test('energy is that of the packages, not of their parts, and a full counter goes on from 0', async ({
  folder,
}) => {
  await writeZone(folder, 'intel-rapl:0', 'package-0', 900_000);
  await writeZone(folder, 'intel-rapl:0:0', 'core', 0);
  await writeZone(folder, 'intel-rapl:1', 'package-1', 100);
  await writeZone(folder, 'intel-rapl:2', 'psys', 0);
  const read = createSpentReader({ proc: '/proc', powercap: folder });
  const { joules: before } = read();
  await writeZone(folder, 'intel-rapl:0', 'package-0', 50_000);
  await writeZone(folder, 'intel-rapl:0:0', 'core', 500_000);
  await writeZone(folder, 'intel-rapl:1', 'package-1', 200_100);
  await writeZone(folder, 'intel-rapl:2', 'psys', 700_000);
  expect((read().joules ?? 0) - (before ?? 0)).toBeCloseTo(0.35, 9);
});

test('what a machine does not have is absent', ({ folder }) => {
  const read = createSpentReader({ proc: folder, powercap: join(folder, 'none') });
  expect(read()).toEqual({ processorSeconds: null, joules: null });
});

test.skipIf(!existsSync('/proc/self/task'))(
  'a child counts while it runs, after it was killed and after it has ended',
  async ({ folder }) => {
    const read = createSpentReader({ proc: '/proc', powercap: folder });
    const start = read().processorSeconds ?? 0;
    const spent = () => (read().processorSeconds ?? 0) - start;
    const child = spawn(process.execPath, ['-e', 'for (;;);'], { stdio: 'ignore' });
    onTestFinished(() => void child.kill('SIGKILL'));
    await expect.poll(spent, { timeout: 20_000 }).toBeGreaterThan(0.4);
    const running = spent();
    child.kill('SIGKILL');
    expect(spent()).toBeGreaterThanOrEqual(running);
    await once(child, 'exit');
    expect(spent()).toBeGreaterThanOrEqual(running);
  },
);
