import { mkdir, readdir, readFile, utimes, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { expect } from 'vitest';
import { ownMark } from '../../../../platform/lib/process-mark.ts';
import { silentReporter } from '../../../../platform/lib/reporter.ts';
import { releaseEnded, turnPath, withTurn } from '../../../../platform/lib/turn.ts';
import { test } from '../../../helpers/folder.ts';

const waiting = 'somebody else has it';
/** Short times, so that a test need not wait for minutes. */
const patience = { silenceMs: 600, watchMs: 200 };
const [place = '', pid = '', start = ''] = ownMark().split('-');

async function hold(path: string, mark: string): Promise<void> {
  await mkdir(dirname(path), { recursive: true });
  await writeFile(path, mark === '' ? '' : JSON.stringify({ process: mark, turn: 1 }));
}

/** How long somebody had to wait for a turn, in milliseconds. */
async function waitFor(path: string, how = patience): Promise<number> {
  const began = performance.now();
  await withTurn({ path, waiting, patience: how }, async () => undefined);
  return performance.now() - began;
}

test('two turns of the same name run one after another, and leave no file', async ({ folder }) => {
  const path = turnPath(folder, 'data', 'data/pumpkins');
  const order: string[] = [];
  const told: string[] = [];
  const reporter = { ...silentReporter, info: (text: string) => told.push(text) };
  const turn = (name: string) =>
    withTurn({ path, waiting, reporter }, async () => {
      order.push(name);
      await sleep(30);
      order.push(`${name} done`);
    });
  await Promise.all([turn('one'), turn('two'), turn('three')]);
  expect(order.filter((_, at) => at % 2 === 1)).toEqual(
    order.filter((_, at) => at % 2 === 0).map((name) => `${name} done`),
  );
  expect(told).toEqual([waiting, waiting]);
  expect(await readdir(dirname(path))).toEqual([]);
});

test('turns of different names do not wait for one another', async ({ folder }) => {
  await withTurn({ path: turnPath(folder, 'one'), waiting }, () =>
    withTurn({ path: turnPath(folder, 'two'), waiting }, async () => undefined),
  );
});

test.for([
  ['whose id was never used', `${place}-4194305-1`],
  ['whose id another process has now', `${place}-${pid}-${Number(start) - 1}`],
  ['whose id is 1, as in every container', `${place}-1-99999999999`],
])('the turn of an ended process %s is taken over at once', async ([, mark], { folder }) => {
  const path = turnPath(folder, 'x');
  await hold(path, mark ?? '');
  expect(await waitFor(path, { silenceMs: 60_000, watchMs: 60_000 })).toBeLessThan(30_000);
});

test.for([
  ['another container or machine', '0badcafe-1-5'],
  ['an earlier version, which wrote no mark', 'none'],
  ['a full disk, which left it empty', ''],
])('the turn of %s is taken over once it is silent', async ([, mark], { folder }) => {
  const path = turnPath(folder, 'x');
  await hold(path, mark ?? '');
  expect(await waitFor(path)).toBeGreaterThan(patience.silenceMs);
  await hold(path, mark ?? '');
  await utimes(path, 1e9, 1e9);
  expect(await waitFor(path)).toBeGreaterThan(patience.watchMs);
});

test('an unknown holder that gives signs of life keeps its turn, whatever its clock says', async ({
  folder,
}) => {
  const path = turnPath(folder, 'x');
  await hold(path, '0badcafe-1-5');
  let beats = 0;
  const heartbeat = setInterval(() => void utimes(path, 1e9 + ++beats, 1e9 + beats), 50);
  setTimeout(() => clearInterval(heartbeat), 1000);
  expect(await waitFor(path)).toBeGreaterThan(1000);
});

test('who was taken over does not end the turn of whoever took over', async ({ folder }) => {
  const path = turnPath(folder, 'x');
  await withTurn({ path, waiting }, () => hold(path, '0badcafe-1-5'));
  expect(await readFile(path, 'utf8')).toContain('0badcafe');
});

test('whoever waits can be interrupted', async ({ folder }) => {
  const path = turnPath(folder, 'x');
  const abort = new AbortController();
  setTimeout(() => abort.abort(new Error('Ctrl-C')), 50);
  await withTurn({ path, waiting }, async () => {
    const { signal } = abort;
    await expect(withTurn({ path, waiting, signal }, async () => 1)).rejects.toThrow('Ctrl-C');
  });
});

test('an optional turn is done without where no lock file can be written', async ({ folder }) => {
  await writeFile(join(folder, '.mainstem'), 'a file where a folder should be');
  const path = turnPath(folder, 'x');
  await expect(withTurn({ path, waiting }, async () => 1)).rejects.toMatchObject({
    code: 'ENOTDIR',
  });
  expect(await withTurn({ path, waiting, optional: true }, async () => 1)).toBe(1);
});

test('the file of an ended process can be released, that of a running one cannot', async ({
  folder,
}) => {
  const path = turnPath(folder, 'x');
  await withTurn({ path, waiting }, async () => expect(await releaseEnded(path)).toBe(false));
  await hold(path, `${place}-4194305-1`);
  expect(await releaseEnded(path)).toBe(true);
  expect(await releaseEnded(path)).toBe(false);
});

test('the name of a turn fits into a file name, however long the names in it', ({ folder }) => {
  const [one, two] = ['a', 'b'].map((end) => turnPath(folder, 'data', `${'ü/'.repeat(100)}${end}`));
  expect(one).not.toBe(two);
  expect(`${one}`.length - folder.length).toBeLessThan(140);
});
