import { expect, test } from 'vitest';
import { createAccessKey } from '../../../../platform/lib/access-key.ts';
import { renderAttributes } from '../../../../serving/logs/render-span.ts';

test('no attribute of a span holds a key, not even a part that is cut off', () => {
  const key = createAccessKey();
  const before = 'x'.repeat(1000);
  const attributes = renderAttributes({
    'url.path': `/models/${key}`,
    long: before + key,
    port: 80,
  });
  expect(attributes).toEqual([
    { key: 'url.path', value: { stringValue: '/models/***' } },
    { key: 'long', value: { stringValue: `${before}***` } },
    { key: 'port', value: { intValue: '80' } },
  ]);
});
