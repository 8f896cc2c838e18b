import fc from 'fast-check';
import { expect, test } from 'vitest';
import { createPredictionId, timeOfId } from '../../../../platform/lib/prediction-id.ts';

test('an id is a UUID of version 7 that says when it was made', () => {
  fc.assert(
    fc.property(fc.integer({ min: 0, max: 2 ** 48 - 1 }), (now) => {
      const id = createPredictionId(now);
      expect(id).toMatch(/^[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/);
      expect(timeOfId(id)).toBe(now);
    }),
  );
});

test('ids of one millisecond differ, and later ones sort after earlier ones', () => {
  const now = Date.UTC(2026, 10, 26);
  expect(new Set(Array.from({ length: 1000 }, () => createPredictionId(now))).size).toBe(1000);
  expect(createPredictionId(now) < createPredictionId(now + 1)).toBe(true);
});

test('an id that a caller chose says nothing about time', () => {
  expect(timeOfId('harvest 7')).toBeNull();
  expect(timeOfId('0f6a0c93-5e0c-4c41-8423-912047712345')).toBeNull();
});
