import { existsSync } from 'node:fs';
import { writeFile } from 'node:fs/promises';
import { setTimeout as wait } from 'node:timers/promises';
import { expect, onTestFinished, test } from 'vitest';
import { trainTreesStage } from '../../../../pipeline/training/index.ts';
import { createReporter } from '../../../../platform/lib/reporter.ts';
import { createTrainingRoom, preparePoints } from '../../../fixtures/training-data.ts';
import table from '../../../fixtures/training-table/project.ts';

const parameters = {
  ...{ seed: 7, learningRate: 0.1, earlyStopping: 0 },
  model: { trees: 300, leaves: 31, minimumRows: 5, l2: 1, bins: 255, columnShare: 1 },
};

test('training of trees that was killed goes on from its checkpoint to the same bits, and from the start if that is damaged', async () => {
  const room = await createTrainingRoom(table);
  onTestFinished(room.remove);
  const height = (a: number, b: number) => String(Math.sin(3 * a) + a * b);
  const points = await preparePoints(room.store, 20_000, height, [], 'codes');
  const inputs = await room.inputs(points);
  const whole = await trainTreesStage.run(room.context('whole'), inputs, parameters);
  const stop = new AbortController();
  const context = room.context('killed', stop.signal);
  const killed = trainTreesStage.run(context, inputs, parameters);
  killed.catch(() => {});
  const checkpoint = `${context.scratch}/checkpoint.bin`;
  while (!existsSync(checkpoint)) await wait(20);
  stop.abort(new Error('killed by the test'));
  await expect(killed).rejects.toThrow('killed by the test');

  const lines: string[] = [];
  const reporter = { ...createReporter(), info: (text: string) => lines.push(text) };
  const again = room.context('killed');
  const listening = { ...again, workspace: { ...again.workspace, reporter } };
  expect(await trainTreesStage.run(listening, inputs, parameters)).toEqual(whole);
  expect(lines.join('\n')).toMatch(/Continuing after round \d+/);

  await writeFile(checkpoint, 'damaged');
  expect(await trainTreesStage.run(again, inputs, parameters)).toEqual(whole);
});
