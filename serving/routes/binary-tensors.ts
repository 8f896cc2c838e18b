import { endianness } from 'node:os';
import { shorten } from '../../platform/lib/text.ts';
import { invalidRequest } from '../invalid-request.ts';
import type { InferenceRequest, RequestTensor, ResponseTensor } from './inference-schemas.ts';

/*
 * The binary tensor data extension of the protocol: JSON, then the bytes of the tensors one after another, little endian.
 * https://docs.nvidia.com/deeplearning/triton-inference-server/user-guide/docs/protocol/extension_binary_data.html
 */

/** The header with the length of the JSON before the bytes; 0 where the bytes of the one input are all there is. */
export const jsonLengthHeader = 'inference-header-content-length';

/** A body that is nothing but the bytes of the one input of a model. */
export class RawTensor {
  readonly bytes: Buffer;
  constructor(bytes: Buffer) {
    this.bytes = bytes;
  }
}

const bytesOfTensors = new WeakMap<object, Buffer>();

/** The bytes that came with a tensor of a request; undefined for one whose data is in the JSON. */
export function bytesOf(tensor: RequestTensor): Buffer | undefined {
  return bytesOfTensors.get(tensor);
}

/** A tensor of a request whose data is these bytes. */
export function withBytes<Tensor extends RequestTensor>(tensor: Tensor, bytes: Buffer): Tensor {
  bytesOfTensors.set(tensor, bytes);
  return tensor;
}

/**
 * Divides a body into its JSON and the bytes after it.
 *
 * @param header value of {@link jsonLengthHeader} @throws MainstemError REQUEST_INVALID
 */
export function splitBody(body: Buffer, header: string): { json: Buffer; binary: Buffer } {
  const length = /^\d{1,15}$/.test(header) ? Number(header) : Number.NaN;
  if (!(length <= body.length)) {
    throw invalidRequest(
      `Inference-Header-Content-Length is ${shorten(header)}, but its body has ${body.length} bytes`,
    );
  }
  return { json: body.subarray(0, length), binary: body.subarray(length) };
}

/**
 * Gives each tensor that says how many bytes it has its part of them, in order.
 *
 * @param request JSON that has not been checked @throws MainstemError REQUEST_INVALID
 */
export function attachBytes(request: unknown, binary: Buffer): void {
  let at = 0;
  for (const tensor of tensorsOf(request)) {
    const size = binarySizeOf(tensor);
    if (size === undefined) continue;
    if ('data' in tensor) throw invalidRequest('an input has both data and binary_data_size');
    if (typeof size !== 'number' || !Number.isInteger(size) || size < 0) {
      throw invalidRequest('binary_data_size is not a number of bytes');
    }
    if (at + size > binary.length) {
      throw invalidRequest(`its inputs need more than the ${binary.length} bytes after the JSON`);
    }
    bytesOfTensors.set(tensor, binary.subarray(at, at + size));
    at += size;
  }
  if (at < binary.length) {
    throw invalidRequest(`its inputs name ${at} of the ${binary.length} bytes after the JSON`);
  }
}

function tensorsOf(request: unknown): object[] {
  if (typeof request !== 'object' || request === null || !('inputs' in request)) return [];
  const { inputs } = request;
  return Array.isArray(inputs) ? inputs.filter((one) => typeof one === 'object' && one) : [];
}

function binarySizeOf(tensor: object): unknown {
  if (!('parameters' in tensor)) return undefined;
  const { parameters } = tensor;
  if (typeof parameters !== 'object' || parameters === null) return undefined;
  return 'binary_data_size' in parameters ? parameters.binary_data_size : undefined;
}

/** A request for the one input of a model, whose body is its bytes. All outputs come back as bytes, too. */
export function describeRaw(
  { bytes }: RawTensor,
  input: Pick<RequestTensor, 'name' | 'datatype' | 'shape'>,
): InferenceRequest {
  const tensor = withBytes(
    { ...input },
    input.datatype === 'BYTES' ? joinElements([bytes]) : bytes,
  );
  return { inputs: [tensor], parameters: { binary_data_output: true } };
}

/** Reads one value at a place; `size` bytes each. */
interface Layout {
  readonly size: number;
  readonly read: (view: DataView, at: number) => number;
}

const layouts: Readonly<Record<string, Layout>> = {
  INT8: { size: 1, read: (view, at) => view.getInt8(at) },
  INT16: { size: 2, read: (view, at) => view.getInt16(at, true) },
  INT32: { size: 4, read: (view, at) => view.getInt32(at, true) },
  INT64: { size: 8, read: (view, at) => Number(view.getBigInt64(at, true)) },
  UINT8: { size: 1, read: (view, at) => view.getUint8(at) },
  UINT16: { size: 2, read: (view, at) => view.getUint16(at, true) },
  UINT32: { size: 4, read: (view, at) => view.getUint32(at, true) },
  UINT64: { size: 8, read: (view, at) => Number(view.getBigUint64(at, true)) },
  FP16: { size: 2, read: (view, at) => view.getFloat16(at, true) },
  // The upper half of an FP32.
  BF16: { size: 2, read: (view, at) => upperHalfOf(view.getUint16(at, true)) },
  FP32: { size: 4, read: (view, at) => view.getFloat32(at, true) },
  FP64: { size: 8, read: (view, at) => view.getFloat64(at, true) },
};

/**
 * The numbers of a tensor's bytes as FP32.
 *
 * @param datatype one of the protocol's numbers @throws MainstemError REQUEST_INVALID
 * @example readNumbers(Buffer.of(1, 0, 2, 0), { datatype: 'INT16', count: 2 }) // [1, 2]
 */
export function readNumbers(
  bytes: Buffer,
  { datatype, count }: { readonly datatype: string; readonly count: number },
): Float32Array<ArrayBuffer> {
  const layout = layouts[datatype];
  if (!layout) throw invalidRequest(`"input" is FP32, not ${shorten(datatype)}`);
  const expected = count * layout.size;
  if (bytes.length !== expected) {
    throw invalidRequest(`"input" needs ${expected} bytes of ${datatype}, found ${bytes.length}`);
  }
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  if (datatype === 'FP32' && endianness() === 'LE') return copyFloats(bytes, count);
  return Float32Array.from({ length: count }, (_, index) => layout.read(view, index * layout.size));
}

/** The bytes as they are, at a place of their own: FP32 must begin at a multiple of four. */
function copyFloats(bytes: Buffer, count: number): Float32Array<ArrayBuffer> {
  const numbers = new Float32Array(count);
  bytes.copy(new Uint8Array(numbers.buffer));
  return numbers;
}

const word = new DataView(new ArrayBuffer(4));

function upperHalfOf(bits: number): number {
  word.setUint32(0, bits * 0x10000);
  return word.getFloat32(0);
}

/**
 * The elements of a BYTES tensor: the length of each in four bytes, then its bytes.
 *
 * @throws MainstemError REQUEST_INVALID
 */
export function readElements(bytes: Buffer, count: number): Buffer[] {
  const elements: Buffer[] = [];
  let at = 0;
  while (at < bytes.length && elements.length <= count) {
    const end = at + 4 <= bytes.length ? at + 4 + bytes.readUInt32LE(at) : Number.NaN;
    if (!(end <= bytes.length))
      throw invalidRequest('an element of "image" is longer than its bytes');
    elements.push(bytes.subarray(at + 4, end));
    at = end;
  }
  if (elements.length !== count || at < bytes.length) {
    throw invalidRequest(
      `"image" needs ${count} elements, found ${describeCount(elements.length, count)}`,
    );
  }
  return elements;
}

function describeCount(found: number, count: number): string {
  return found > count ? 'more' : String(found);
}

/** The bytes of a BYTES tensor, as {@link readElements} reads them. */
export function joinElements(elements: readonly Buffer[]): Buffer {
  return Buffer.concat(elements.flatMap((element) => [lengthOf(element), element]));
}

function lengthOf(element: Buffer): Buffer {
  const length = Buffer.alloc(4);
  length.writeUInt32LE(element.length);
  return length;
}

/** A response of JSON and bytes, with the length of its JSON. */
export interface BinaryResponse {
  readonly body: Buffer;
  readonly jsonLength: number;
}

/**
 * Writes a response some of whose outputs are asked for as bytes.
 *
 * @returns null if none is
 */
export function renderBinary(
  response: { readonly outputs: readonly ResponseTensor[] },
  { parameters, outputs: asked = [] }: Pick<InferenceRequest, 'parameters' | 'outputs'>,
): BinaryResponse | null {
  const blobs: Buffer[] = [];
  const isBinary = ({ name }: ResponseTensor) => {
    const own = asked.find((one) => one.name === name)?.parameters?.binary_data;
    return (own ?? parameters?.binary_data_output) === true;
  };
  const outputs = response.outputs.map((tensor) => {
    if (!isBinary(tensor)) return tensor;
    const { data, ...rest } = tensor;
    const blob = writeValues(tensor.datatype, data);
    blobs.push(blob);
    return { ...rest, parameters: { binary_data_size: blob.length } };
  });
  if (blobs.length === 0 && !outputs.some((one) => 'parameters' in one)) return null;
  const json = Buffer.from(JSON.stringify({ ...response, outputs }));
  return { body: Buffer.concat([json, ...blobs]), jsonLength: json.length };
}

/** The bytes of an output's elements. */
export function writeValues(datatype: string, data: ResponseTensor['data']): Buffer {
  if (datatype === 'BYTES') {
    return joinElements(data.map((text) => Buffer.from(String(text))));
  }
  if (datatype === 'BOOL') return Buffer.from(data.map(Number));
  const bytes = Buffer.alloc(4 * data.length);
  for (const [index, value] of data.entries()) bytes.writeFloatLE(Number(value), 4 * index);
  return bytes;
}
