import { expect, test } from 'vitest';
import { findPlaceFault } from '../../../../platform/lib/find-place-fault.ts';

test.each(['data/fruit', 'data/früh 1.csv', 'a..b/c', 'data/.hidden'])(
  '%s may be written',
  (path) => {
    expect(findPlaceFault(path)).toBeNull();
  },
);

test.each([
  ['../data', 'inside it'],
  ['/data', 'inside it'],
  ['a/../..', 'inside it'],
  ['~/data', 'inside it'],
  ['.GIT/config', '.git is not for data'],
  ['data/.mainstem /x', '.mainstem is not for data'],
  ['data/a\0b', 'a character that no path can have'],
  ['data/a\nb', 'a character that no path can have'],
  ['data/\ud800', 'a character that no path can have'],
])('%j may not: %s', (path, words) => {
  expect(findPlaceFault(path)).toContain(words);
});
