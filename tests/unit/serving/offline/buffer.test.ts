import fc from 'fast-check';
import { expect, test } from 'vitest';
import { Buffer as Small } from '../../../../serving/offline/node/buffer.ts';

/* What stands in for Node's Buffer in a browser must say the same wherever the code that reads photos asks it. */

const bytes = fc.uint8Array({ minLength: 0, maxLength: 64 });
const place = fc.integer({ min: 0, max: 70 });

/** The value, or the class of the error. */
function tryIt(work: () => unknown): unknown {
  try {
    return work();
  } catch (error) {
    return error instanceof RangeError ? 'RangeError' : error;
  }
}

test.each(['readUInt8', 'readUInt16BE', 'readUInt16LE', 'readUInt32BE', 'readUInt32LE'] as const)(
  '%s is that of Node, past the end too',
  (method) => {
    fc.assert(
      fc.property(bytes, place, (content, at) => {
        const there = tryIt(() => Small.from(content)[method](at));
        expect(there).toEqual(tryIt(() => Buffer.from(content)[method](at)));
      }),
    );
  },
);

test('three bytes are a number as in Node', () => {
  fc.assert(
    fc.property(bytes, place, (content, at) => {
      const there = tryIt(() => Small.from(content).readUIntLE(at, 3));
      expect(there).toEqual(tryIt(() => Buffer.from(content).readUIntLE(at, 3)));
    }),
  );
});

test('text and what is found in it are those of Node', () => {
  fc.assert(
    fc.property(bytes, bytes, place, (content, wanted, at) => {
      const [there, here] = [Small.from(content), Buffer.from(content)];
      expect(there.toString('latin1')).toBe(here.toString('latin1'));
      expect(there.toString('latin1', 2, 9)).toBe(here.toString('latin1', 2, 9));
      const hex = Buffer.from(wanted.slice(0, 2)).toString('hex');
      if (hex === '') return;
      expect(there.indexOf(hex, at, 'hex')).toBe(here.indexOf(hex, at, 'hex'));
      expect(there.lastIndexOf(hex, undefined, 'hex')).toBe(
        here.lastIndexOf(hex, undefined, 'hex'),
      );
      const text = Buffer.from(hex, 'hex').toString('latin1');
      expect(there.includes(text, 0, 'latin1')).toBe(here.includes(text, 0, 'latin1'));
    }),
  );
});

test('a part of bytes is a view with the same methods, wherever it lies', () => {
  const whole = Uint8Array.from([9, 9, 0xff, 0xd8, 1, 2]);
  const part = Small.from(whole.buffer, 2, 4).subarray(1);
  expect(part.readUInt16BE(1)).toBe(0x0102);
  expect(Small.from(whole.subarray(2)).readUInt16BE(0)).toBe(0xffd8);
});
