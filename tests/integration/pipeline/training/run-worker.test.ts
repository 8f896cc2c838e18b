import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { FromWorker } from '../../../../pipeline/training/messages.ts';
import { runWorker } from '../../../../pipeline/training/run-worker.ts';
import { createTrainingRoom, prepareSquares, quick } from '../../../fixtures/training-data.ts';
import images from '../../../fixtures/training-images/project.ts';

let room: Awaited<ReturnType<typeof createTrainingRoom>>;
beforeAll(async () => {
  room = await createTrainingRoom(images);
});
afterAll(() => room.remove());

/** The messages of a training process that runs these statements, and fails in the end. */
async function messagesOf(statements: string, threads?: number): Promise<FromWorker[]> {
  const { scratch } = room.context('program');
  const program = join(import.meta.dirname, '../../../../pipeline/training/serve-job.ts');
  const path = `${scratch}.mjs`;
  await writeFile(
    path,
    `import { setTimeout as wait } from 'node:timers/promises';
     import { serveJob } from ${JSON.stringify(program)};
     serveJob(async (job, { send }) => { ${statements}; throw new Error('the end'); });`,
  );
  const messages: FromWorker[] = [];
  const job = {
    ...{ project: 'squares', folder: scratch, scratch, parameters: quick },
    inputs: await room.inputs(await prepareSquares(room.store, 10)),
  };
  const ended = runWorker(job, {
    ...{ program: path, store: room.store, signal: new AbortController().signal, threads },
    onMessage: (message) => messages.push(message),
  });
  await expect(ended).rejects.toThrow('the end');
  return messages;
}

const tellThreads = "send({ type: 'warning', message: process.env.MAINSTEM_THREADS })";

test('a training process finds how many threads it may compute on in its environment', async () => {
  expect(await messagesOf(tellThreads, 3)).toEqual([{ type: 'warning', message: '3' }]);
});

test('what the platform warns of in a training process is passed on, and nothing else', async () => {
  const warn = `process.emitWarning('slow', 'MainstemWarning');
    process.emitWarning('of Node', 'ExperimentalWarning');
    await wait(0)`;
  expect(await messagesOf(warn)).toEqual([{ type: 'warning', message: 'slow' }]);
});
