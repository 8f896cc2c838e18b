import { create, toBinary } from '@bufbuild/protobuf';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { ModelInferRequestSchema } from '../../../../serving/grpc/inference_pb.ts';
import { countValues } from '../../../../serving/grpc/message-size.ts';

const count = (bytes: Uint8Array, most = 1_000_000) =>
  countValues(bytes, ModelInferRequestSchema, most);
const write = (message: object) =>
  toBinary(ModelInferRequestSchema, create(ModelInferRequestSchema, message));

test('every field of every message counts, and every number of a packed list', () => {
  const contents = { fp32Contents: [1, 2, 3], int64Contents: [1n, -1n], bytesContents: [] };
  const input = { name: 'input', shape: [1n, 300n], contents };
  // Its name; an input with its name, its shape of two, its contents and two lists in them with five numbers.
  expect(count(write({ modelName: 'gourds', inputs: [input] }))).toBe(1 + 1 + 1 + 3 + 1 + 2 + 5);
});

test('long texts and bytes are one value each', () => {
  expect(count(write({ id: 'a'.repeat(5000), rawInputContents: [Buffer.alloc(9000)] }))).toBe(2);
});

test('lists of any numbers are counted whole, up to the limit', () => {
  const lists = fc.array(fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n }), { minLength: 1 });
  fc.assert(
    fc.property(lists, (int64Contents) => {
      const bytes = write({ inputs: [{ contents: { int64Contents } }] });
      expect(count(bytes)).toBe(3 + int64Contents.length);
      const tooMany = expect.objectContaining({ code: 'REQUEST_TOO_MANY' });
      expect(() => count(bytes, 2 + int64Contents.length)).toThrow(tooMany);
    }),
  );
});

test('any bytes are counted, no more values than there are bytes, or refused with an error', () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 200 }), (bytes) => {
      let found: unknown;
      try {
        found = count(bytes);
      } catch (error) {
        found = error;
      }
      if (!(found instanceof Error)) expect(found).toBeLessThanOrEqual(bytes.length);
    }),
  );
});
