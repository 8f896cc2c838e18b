import { mkdtemp, readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import fc from 'fast-check';
import { expect } from 'vitest';
import {
  rangeStart,
  receiveFile,
} from '../../../../../platform/storage/remotes/http/receive-file.ts';
import { test } from '../../../../helpers/folder.ts';

const limits = { tries: 3, pauseMs: 0, timeoutMs: 5_000 };
const content = Buffer.from('a pumpkin that is there whole');

/** How a server answers one request: where it begins, and after how many bytes the line breaks. */
interface Manner {
  readonly start: 'as asked' | number;
  readonly breaksAfter: number | null;
}

/** A server that repeats these manners forever. */
function serverOf(manners: readonly Manner[]) {
  let asked = 0;
  const open = async (wanted: number) => {
    const { start, breaksAfter } = manners[asked++ % manners.length] ?? {
      start: 0,
      breaksAfter: null,
    };
    const offset = start === 'as asked' ? wanted : start;
    return { offset, total: content.length, body: bytesFrom(offset, breaksAfter) };
  };
  return { open, asked: () => asked };
}

async function* bytesFrom(offset: number, breaksAfter: number | null) {
  const rest = content.subarray(offset);
  yield rest.subarray(0, breaksAfter ?? rest.length);
  if (breaksAfter !== null) throw new Error('the line broke');
}

const anyManner: fc.Arbitrary<Manner> = fc.record({
  start: fc.oneof(
    fc.constant('as asked' as const),
    fc.constant(0),
    fc.nat({ max: content.length - 1 }),
  ),
  breaksAfter: fc.option(fc.nat({ max: content.length })),
});

test('however a server breaks off and wherever it begins, a transfer ends with the content or an error', async ({
  folder,
}) => {
  await fc.assert(
    fc.asyncProperty(fc.array(anyManner, { minLength: 1, maxLength: 5 }), async (manners) => {
      const own = await mkdtemp(join(folder, 'x'));
      const server = serverOf(manners);
      const file = join(own, 'back');
      const failure = await receiveFile(
        { place: 'the farm', folder: own, name: 'x', open: server.open },
        file,
        limits,
      )
        .then(() => null)
        .catch((error: unknown) => error);
      if (failure === null) expect(await readFile(file)).toEqual(content);
      else expect(await readdir(own)).not.toContain('back');
      // Every byte that is new allows as many tries once more, and nothing else does.
      expect(server.asked()).toBeLessThanOrEqual((content.length + 1) * limits.tries);
    }),
    { numRuns: 200 },
  );
});

test.for([
  ['begins at 0 and breaks at the same byte', [{ start: 0, breaksAfter: 10 }], 'the line broke'],
  [
    'begins anywhere else, and never breaks',
    [{ start: 12, breaksAfter: null }],
    'began at byte 12',
  ],
] as const)('a server that always %s is given up on', async ([, manners, words], { folder }) => {
  const server = serverOf(manners);
  const received = receiveFile(
    { place: 'the farm', folder, name: 'x', open: server.open },
    join(folder, 'back'),
    limits,
  );
  await expect(received).rejects.toThrow(words);
  expect(server.asked()).toBeLessThanOrEqual(limits.tries + 1);
});

test('where an answer begins is read from its range', () => {
  expect(rangeStart('bytes 50000-100000/200000', 7)).toBe(50_000);
  expect(rangeStart('bytes 0-9/*', 7)).toBe(0);
  for (const none of [null, undefined, '', 'bytes */10', 'items 3-4/5'])
    expect(rangeStart(none, 7)).toBe(7);
});
