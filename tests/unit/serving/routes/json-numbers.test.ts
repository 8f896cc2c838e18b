import fc from 'fast-check';
import { expect, test } from 'vitest';
import { attachNumbers, cutNumbers, elementsOf } from '../../../../serving/routes/json-numbers.ts';

const cut = (json: string, most = 1000) => cutNumbers(Buffer.from(json), most);
const read = (list: string) => cut(`{"inputs":[{"data":${list}}]}`)?.numbers;

test('the numbers of a tensor are cut out of the JSON around them', () => {
  const found = cut('{"inputs": [{"name": "input", "data" : [ 1, -2.5 ,3e2 ] }]}');
  expect(found?.json.toString()).toBe('{"inputs": [{"name": "input", "data" : [] }]}');
  expect(found?.numbers).toEqual(Float64Array.of(1, -2.5, 300));
});

test('every number is the one that the general parser reads, to the last bit', () => {
  const double = fc.double({ noNaN: true, noDefaultInfinity: true });
  const decimal = fc
    .tuple(fc.maxSafeInteger(), fc.nat({ max: 20 }))
    .map(([whole, places]) => (whole / 1e6).toFixed(places));
  const number = fc.oneof(double.map(String), decimal, fc.integer().map(String));
  fc.assert(
    fc.property(fc.array(number, { minLength: 1, maxLength: 2000 }), (numbers) => {
      const list = `[${numbers.join(',')}]`;
      const found = cut(`{"inputs":[{"data":${list}}]}`, numbers.length)?.numbers;
      expect(Array.from(found ?? [])).toEqual(JSON.parse(list));
    }),
  );
});

test.each([
  ...['-0', '0', '0.1', '1e5', '1E-7', '1.5e+3', '123456789012345', '1234567890123456789'],
  ...['0.1234567890123456789', '1e400', '9007199254740993', '0.000000000000001'],
])('%s is read as the general parser reads it', (number) => {
  expect(Array.from(read(`[${number}]`) ?? [])).toEqual([JSON.parse(number)]);
});

test.each([
  ...['[]', '[null]', '["1"]', '[[1]]', '[true]', '[01]', '[-]', '[1.]', '[.5]', '[+1]', '[1e]'],
  ...['[1 2]', '[1,]', '[,1]', '[1', '[--1]', '[1.2.3]', '[1-2]', '[-01]', '[NaN]', '[Infinity]'],
  ...['[00.5]', '[1e5.5]', '[0x10]', '[1_000]', '{}', '1'],
])('a list such as %s is left to the general parser', (list) => {
  expect(cut(`{"inputs":[{"data":${list}}]}`)).toBeNull();
});

test.each([
  ['two lists', '{"inputs":[{"data":[1]},{"data":[2]}]}'],
  ['a key that only ends so', '{"inputs":[{"\\"data":[1]}]}'],
  ['a text', '{"inputs":["data"]}'],
  ['another key', '{"inputs":[{"datum":[1]}]}'],
])('%s: the general parser reads it', (_, json) => {
  expect(cut(json)).toBeNull();
});

test('a list of more numbers than are allowed is left to the general parser', () => {
  expect(cut('{"inputs":[{"data":[1,2,3]}]}', 2)).toBeNull();
});

test.each([
  ['FP32', Float32Array.of(1, 2)],
  ['INT8', Float64Array.of(1, 2)],
])('numbers of %s belong to the one input without data, whatever is read next', (datatype, own) => {
  const tensor = { name: 'input', shape: [2], datatype, data: [] };
  const numbers = Float64Array.of(1, 2);
  expect(attachNumbers({ inputs: [tensor] }, numbers)).toBe(true);
  numbers.fill(0);
  expect(elementsOf(tensor)).toEqual(own);
});

test.each([
  ['none', { inputs: [{ data: [1] }] }],
  ['two', { inputs: [{ data: [] }, { data: [] }] }],
  ['no list of inputs', { inputs: {} }],
  ['no object', []],
])('numbers for which there is %s are refused', (_, request) => {
  expect(attachNumbers(request, Float64Array.of(1))).toBe(false);
});
