import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { expect } from 'vitest';
import { inLanes } from '../../../../platform/lib/in-lanes.ts';
import { mostThreads, openThreads, openThreadsFor } from '../../../../platform/lib/threads.ts';
import { test } from '../../../helpers/folder.ts';

const library = pathToFileURL(join(import.meta.dirname, '../../../../platform/lib/')).href;

async function writeWorker(folder: string, work: string): Promise<URL> {
  const path = join(folder, 'worker.ts');
  const text = [
    `import { threadId } from 'node:worker_threads';`,
    `import { MainstemError } from '${library}errors.ts';`,
    `import { answerTasks } from '${library}threads.ts';`,
    `answerTasks(async (task: number) => { ${work} });`,
  ];
  await writeFile(path, text.join('\n'));
  return pathToFileURL(path);
}

test('every task gets its own answer, from no more threads than there are cores', async ({
  folder,
}) => {
  const entry = await writeWorker(folder, 'return { double: task * 2, threadId };');
  await using threads = openThreads<number, { double: number; threadId: number }>(entry);
  const tasks = Array.from({ length: 50 }, (_, at) => at);
  const answers = await inLanes(tasks, 20, (task) => threads.run(task));
  expect(answers.map(({ double }) => double)).toEqual(tasks.map((task) => task * 2));
  expect(new Set(answers.map(({ threadId }) => threadId)).size).toBeLessThanOrEqual(mostThreads);
});

test('an error of ours keeps its code and facts, and the thread goes on', async ({ folder }) => {
  const refuse = `throw new MainstemError('IMAGE_UNREADABLE', { reason: 'it is cut off' })`;
  const entry = await writeWorker(folder, `if (task === 1) ${refuse}; return task;`);
  await using threads = openThreads<number, number>(entry);
  await expect(threads.run(1)).rejects.toMatchObject({
    code: 'IMAGE_UNREADABLE',
    details: { reason: 'it is cut off' },
  });
  expect(await threads.run(2)).toBe(2);
});

const ends = [
  { of: 'an unexpected error', work: `throw new RangeError('lost')`, words: 'lost' },
  { of: 'its end', work: 'process.exit(3)', words: 'ended with code 3' },
];
for (const { of, work, words } of ends) {
  test(`${of} fails the task of a thread, and other threads do the rest`, async ({ folder }) => {
    const entry = await writeWorker(folder, `if (task === 1) ${work}; return task;`);
    await using threads = openThreads<number, number>(entry);
    const tasks = [...Array(10).fill(1), 2, 3].map((task: number) => threads.run(task));
    const outcomes = await Promise.allSettled(tasks);
    const message = expect.stringContaining(words);
    for (const outcome of outcomes.slice(0, 10))
      expect(outcome).toMatchObject({ status: 'rejected', reason: { message } });
    expect(outcomes.slice(10)).toMatchObject([{ value: 2 }, { value: 3 }]);
  });
}

test('a few tasks are done without a thread', async ({ folder }) => {
  const nowhere = pathToFileURL(join(folder, 'missing.ts'));
  await using threads = openThreadsFor(10, nowhere, async (task: number) => task + 1);
  expect(await threads.run(1)).toBe(2);
});
