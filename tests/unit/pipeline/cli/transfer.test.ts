import { expect, test } from 'vitest';
import { renderMissing, renderTransfer } from '../../../../pipeline/cli/transfer.ts';
import { digestBytes } from '../../../../platform/lib/hash.ts';

const missing = (count: number) => ({
  missing: Array.from({ length: count }, (_, at) => ({
    digest: digestBytes(`${at}`),
    by: `fruit: ${at}.jpg`,
  })),
});

test('one of something is no plural', () => {
  const text = renderTransfer({ blobs: 1, bytes: 10, records: 1, missing: [] });
  expect(text).toBe('1 blob (10 B) and 1 stage record');
  expect(renderTransfer({ blobs: 0, bytes: 0, records: 2, missing: [] })).toBe(
    '0 blobs (0 B) and 2 stage records',
  );
});

test('at most ten missing blobs are listed, then how many more there are', () => {
  expect(renderMissing('Gone', missing(10))).toHaveLength(10);
  const lines = renderMissing('Gone', missing(12));
  expect(lines).toHaveLength(11);
  expect(lines[0]).toBe(`Gone: ${digestBytes('0')} (fruit: 0.jpg)`);
  expect(lines.at(-1)).toBe('… and 2 more');
});
