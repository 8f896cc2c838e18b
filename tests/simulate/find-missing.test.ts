import { expect, test } from 'vitest';
import { findMissing } from './find-missing.ts';

test('a story is played only where what it wants is installed', () => {
  const nothing = { registry: false, watching: false };
  expect(findMissing({}, nothing)).toBeNull();
  expect(findMissing({ registry: true }, nothing)).toBe('a registry');
  expect(findMissing({ watched: true }, nothing)).toBe('Prometheus or Alertmanager');
  expect(
    findMissing({ registry: true, watched: true }, { registry: true, watching: true }),
  ).toBeNull();
});
