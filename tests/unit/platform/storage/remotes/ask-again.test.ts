import { expect, test } from 'vitest';
import { MainstemError } from '../../../../../platform/lib/errors.ts';
import { againIfDamaged } from '../../../../../platform/storage/remotes/ask-again.ts';

const details = {
  key: 'packs/a',
  address: 'remote',
  reason: 'broke off',
  expected: '1',
  found: '2',
};

const failing = (code: 'REMOTE_CORRUPT' | 'REMOTE_FAILED', times: number) => {
  let calls = 0;
  const work = async () => {
    if (++calls <= times) throw new MainstemError(code, details);
    return calls;
  };
  return work;
};

test('what came damaged once is fetched once more', async () => {
  expect(await againIfDamaged(failing('REMOTE_CORRUPT', 1))).toBe(2);
});

test('what comes damaged twice is damaged there', async () => {
  await expect(againIfDamaged(failing('REMOTE_CORRUPT', 2))).rejects.toMatchObject({
    code: 'REMOTE_CORRUPT',
  });
});

test('any other failure is not repeated here', async () => {
  await expect(againIfDamaged(failing('REMOTE_FAILED', 1))).rejects.toMatchObject({
    code: 'REMOTE_FAILED',
  });
});
