import { execFile } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { BackendDriver } from '../../pipeline/backends/index.ts';

/** What `exercise-backend.ts` prints. */
interface Exercise {
  readonly tfjs: string;
  readonly weights: string;
  readonly losses: readonly number[];
  readonly saved: string;
  readonly savedAgain: string;
  readonly predictionGap: number;
  readonly batchGap: number;
  readonly tensorsLeft: number;
}

const program = join(import.meta.dirname, 'exercise-backend.ts');

/**
 * The contract of every backend. Each exercise runs in a process of its own, as training does: a process can hold
 * one TensorFlow library only.
 *
 * @param usable where it is not, its tests are reported as skipped
 */
export function testBackend(driver: BackendDriver, usable: boolean): void {
  describe.skipIf(!usable)(driver.name, () => {
    let folder = '';
    let runs: Exercise[] = [];
    const exercise = async (): Promise<Exercise> => {
      const { stdout } = await promisify(execFile)(process.execPath, [
        ...[program, driver.name, folder],
      ]);
      return JSON.parse(stdout.trim().split('\n').at(-1) ?? '');
    };
    beforeAll(async () => {
      folder = await mkdtemp(join(tmpdir(), 'mainstem-backend-'));
      runs = [await exercise(), await exercise()];
    });
    afterAll(() => rm(folder, { recursive: true, force: true }));

    test('its class is a short word that stays the same', async () => {
      const name = await driver.class();
      expect(name).toMatch(/^[a-z0-9][a-z0-9.-]{1,39}$/);
      expect(await driver.class()).toBe(name);
    });

    test('it starts, also twice, and learns', () => {
      for (const { tfjs, losses } of runs) {
        expect(tfjs).not.toBe('cpu');
        expect(losses.every(Number.isFinite)).toBe(true);
        expect(losses.at(-1)).toBeLessThan(losses[0] ?? 0);
      }
    });

    test('it gives the same bits in every process if it says so, and nearly the same if not', () => {
      const [first, second] = runs;
      if (driver.deterministic) return expect(second?.weights).toBe(first?.weights);
      const gaps = first?.losses.map((loss, step) => Math.abs(loss - (second?.losses[step] ?? 0)));
      expect(Math.max(...(gaps ?? [Number.NaN]))).toBeLessThan(1e-3);
    });

    test('a saved network comes back with the same digests and the same answers', () => {
      for (const { saved, savedAgain, predictionGap } of runs) {
        expect(savedAgain).toBe(saved);
        expect(predictionGap).toBeLessThanOrEqual(driver.deterministic ? 0 : 1e-5);
      }
    });

    test('an answer does not depend on the rows beside it', () => {
      const limit = driver.deterministic ? 0 : 1e-5;
      for (const { batchGap } of runs) expect(batchGap).toBeLessThanOrEqual(limit);
    });

    test('it keeps no tensor of a step or of a prediction', () => {
      expect(runs.map(({ tensorsLeft }) => tensorsLeft)).toEqual([0, 0]);
    });
  });
}
