import type { RequestTensor } from './inference-schemas.ts';

/*
 * Most of a tensor's JSON is one list of numbers, which a general parser counts, turns into text, parses and checks one after
 * another. Here they are read once, from the bytes. Whatever is unusual (lists in lists, null, faults, keys that are written in
 * another way) is left to the general parser, which reads the same numbers.
 */

/** The one list of numbers that JSON has under the key `data`, and the JSON with an empty list in its place. */
export interface CutNumbers {
  readonly json: Buffer;
  /** They are there until the next request is read. */
  readonly numbers: Float64Array;
}

/**
 * Cuts the numbers of a tensor out of the JSON of a request.
 *
 * @param most numbers @returns null where there is no such list, or more than one
 * @example cutNumbers(Buffer.from('{"inputs":[{"data":[1,2]}]}'), 10) // { json: '{"inputs":[{"data":[]}]}', numbers: [1, 2] }
 */
export function cutNumbers(bytes: Buffer, most: number): CutNumbers | null {
  const start = findList(bytes);
  const list = start === null ? null : readList(bytes, start, most);
  if (!list || bytes.includes(key, list.end)) return null;
  const json = Buffer.concat([bytes.subarray(0, list.start), bytes.subarray(list.end)]);
  return { json, numbers: scratch.subarray(0, list.count) };
}

/** As FP32 where that is what the tensor holds: the network's own numbers need no check, and take half the memory. */
type Numbers = Float64Array | Float32Array<ArrayBuffer>;

const numbersOfTensors = new WeakMap<object, Numbers>();

/** The elements of a tensor whose data is in the JSON. */
export function elementsOf(tensor: RequestTensor): readonly unknown[] | Numbers {
  return numbersOfTensors.get(tensor) ?? tensor.data ?? [];
}

/**
 * Gives the numbers that were cut out of a request to the one input whose data is empty now.
 *
 * @param request JSON that has not been checked @returns false if there is none, or more than one
 */
export function attachNumbers(request: unknown, numbers: Float64Array): boolean {
  if (typeof request !== 'object' || request === null || !('inputs' in request)) return false;
  const inputs: unknown[] = Array.isArray(request.inputs) ? request.inputs : [];
  const [tensor, ...others] = inputs.filter(hasNoData);
  if (!tensor || others.length > 0) return false;
  const isFloat = 'datatype' in tensor && tensor.datatype === 'FP32';
  numbersOfTensors.set(tensor, isFloat ? new Float32Array(numbers) : numbers.slice());
  return true;
}

function hasNoData(tensor: unknown): tensor is object {
  if (typeof tensor !== 'object' || tensor === null || !('data' in tensor)) return false;
  return Array.isArray(tensor.data) && tensor.data.length === 0;
}

const key = Buffer.from('"data"');
const [backslash, colon, opening, closing] = [0x5c, 0x3a, 0x5b, 0x5d];
const [comma, minus, point, zero, nine] = [0x2c, 0x2d, 0x2e, 0x30, 0x39];

/** Where the first number of the list stands. A quote within a text has a backslash before it. */
function findList(bytes: Buffer): number | null {
  const found = bytes.indexOf(key);
  if (found < 1 || bytes[found - 1] === backslash) return null;
  const between = afterBlanks(bytes, found + key.length);
  if (bytes[between] !== colon) return null;
  const start = afterBlanks(bytes, between + 1);
  return bytes[start] === opening ? start + 1 : null;
}

function afterBlanks(bytes: Buffer, start: number): number {
  let at = start;
  while (isBlank(bytes[at] ?? 0)) at += 1;
  return at;
}

const isBlank = (byte: number) => byte === 0x20 || byte === 0x0a || byte === 0x0d || byte === 0x09;

/** A list of numbers: where its first one and its closing bracket stand. */
interface List {
  readonly start: number;
  readonly end: number;
  readonly count: number;
}

/**
 * Reads numbers into {@link scratch} up to the bracket that ends them. It is one loop, because calls for each number would
 * double its time.
 *
 * @returns null for anything else
 */
function readList(bytes: Buffer, start: number, most: number): List | null {
  let at = start;
  for (let count = 0; count < most; at++) {
    at = afterBlanks(bytes, at);
    const first = at;
    let byte = bytes[at] ?? 0;
    if (byte === minus) byte = bytes[++at] ?? 0;
    const digitsAt = at;
    let whole = 0;
    for (; byte >= zero && byte <= nine; byte = bytes[++at] ?? 0) whole = 10 * whole + byte - zero;
    const before = at - digitsAt;
    let after = 0;
    if (byte === point) {
      byte = bytes[++at] ?? 0;
      for (; byte >= zero && byte <= nine; byte = bytes[++at] ?? 0)
        whole = 10 * whole + byte - zero;
      after = at - digitsAt - before - 1;
    }
    let value = whole / (powers[after] ?? 1);
    if (digitsAt > first) value = -value;
    const isShort = before > 0 && before + after <= mostDigits && bytes[at - 1] !== point;
    if (!isShort || partOfNumber[byte] || (bytes[digitsAt] === zero && before > 1)) {
      at = endOfNumber(bytes, at);
      value = convert(bytes.toString('latin1', first, at));
      if (Number.isNaN(value)) return null;
    }
    if (count === scratch.length) scratch = enlarged(scratch);
    scratch[count++] = value;
    at = afterBlanks(bytes, at);
    if (bytes[at] === closing) return { start, end: at, count };
    if (bytes[at] !== comma) return null;
  }
  return null;
}

/** Digits of a whole number below 2^53: divided by a power of ten that is exact, too, it is rounded once, as it must be. */
const mostDigits = 15;
const powers = Float64Array.from({ length: mostDigits + 1 }, (_, exponent) => 10 ** exponent);

const partOfNumber = new Uint8Array(256);
for (const byte of Buffer.from('0123456789+-.eE')) partOfNumber[byte] = 1;

function endOfNumber(bytes: Buffer, from: number): number {
  let end = from;
  while (partOfNumber[bytes[end] ?? 0]) end += 1;
  return end;
}

/** A number with many digits or an exponent; NaN if it is not one. */
function convert(text: string): number {
  return /^-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][-+]?\d+)?$/.test(text) ? Number(text) : Number.NaN;
}

/** As large as the longest list so far. */
let scratch = new Float64Array(1024);

function enlarged(values: Float64Array): Float64Array<ArrayBuffer> {
  const larger = new Float64Array(2 * values.length);
  larger.set(values);
  return larger;
}
