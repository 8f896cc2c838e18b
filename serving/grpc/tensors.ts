import type { MessageInitShape } from '@bufbuild/protobuf';
import { ownValue } from '../../platform/lib/own-value.ts';
import { invalidRequest } from '../invalid-request.ts';
import { joinElements, withBytes, writeValues } from '../routes/binary-tensors.ts';
import type {
  InferenceRequest,
  InferenceResponse,
  RequestTensor,
  ResponseTensor,
} from '../routes/inference-schemas.ts';
import { refuseUnserved } from '../routes/unserved-parameters.ts';
import type {
  InferTensorContents,
  InferTensorContentsSchema,
  ModelInferRequest,
  ModelInferRequest_InferInputTensor,
  ModelInferResponseSchema,
} from './inference_pb.ts';

type ContentsField = Exclude<keyof InferTensorContents, '$typeName' | '$unknown'>;

/** Datatype → where a message has its elements. */
const fieldOfType: Readonly<Record<string, ContentsField>> = {
  BOOL: 'boolContents',
  INT8: 'intContents',
  INT16: 'intContents',
  INT32: 'intContents',
  INT64: 'int64Contents',
  UINT8: 'uintContents',
  UINT16: 'uintContents',
  UINT32: 'uintContents',
  UINT64: 'uint64Contents',
  FP32: 'fp32Contents',
  FP64: 'fp64Contents',
  BYTES: 'bytesContents',
};

/** Field → what the specification calls it. */
const namesOfFields: Readonly<Record<ContentsField, string>> = {
  boolContents: 'bool_contents',
  intContents: 'int_contents',
  int64Contents: 'int64_contents',
  uintContents: 'uint_contents',
  uint64Contents: 'uint64_contents',
  fp32Contents: 'fp32_contents',
  fp64Contents: 'fp64_contents',
  bytesContents: 'bytes_contents',
};
const fields = Object.keys(namesOfFields) as ContentsField[];

/**
 * A message as the request that REST would have read: the same checks and the same work follow.
 *
 * @throws MainstemError REQUEST_INVALID
 */
export function readRequest(message: ModelInferRequest): InferenceRequest {
  const { id, inputs, outputs, rawInputContents: raw } = message;
  for (const tensor of [...inputs, ...outputs]) refuseUnserved(tensor);
  if (raw.length > 0 && raw.length !== inputs.length) {
    throw invalidRequest(
      `raw_input_contents needs the bytes of ${inputs.length} inputs, found ${raw.length}`,
    );
  }
  return {
    ...(id === '' ? {} : { id }),
    inputs: inputs.map((input, index) => readTensor(input, raw[index])),
    outputs: outputs.map(({ name }) => ({ name })),
  };
}

function readTensor(
  { name, datatype, shape, contents }: ModelInferRequest_InferInputTensor,
  raw: Uint8Array | undefined,
): RequestTensor {
  const tensor = { name, datatype, shape: shape.map(Number) };
  const filled = fields.filter((field) => contents?.[field].length);
  if (raw) {
    if (filled.length > 0)
      throw invalidRequest('an input has both contents and raw_input_contents');
    return withBytes(tensor, bufferOf(raw));
  }
  const field = ownValue(fieldOfType, datatype);
  const other = filled.find((one) => one !== field);
  if (other) {
    const right = field ? namesOfFields[field] : 'raw_input_contents';
    throw invalidRequest(
      `the elements of ${datatype} belong in ${right}, not ${namesOfFields[other]}`,
    );
  }
  if (field === 'bytesContents')
    return withBytes(tensor, joinElements((contents?.bytesContents ?? []).map(bufferOf)));
  const data: unknown[] = (field && contents?.[field]) ?? [];
  return {
    ...tensor,
    data: data.map((value) => (typeof value === 'bigint' ? Number(value) : value)),
  };
}

/** The same bytes. */
function bufferOf({ buffer, byteOffset, byteLength }: Uint8Array): Buffer {
  return Buffer.from(buffer, byteOffset, byteLength);
}

/**
 * A response as a message.
 *
 * @param raw whether its outputs are bytes: as the inputs were
 */
export function writeResponse(
  { model_name: modelName, model_version: modelVersion, id, outputs }: InferenceResponse,
  raw: boolean,
): MessageInitShape<typeof ModelInferResponseSchema> {
  return {
    ...{ modelName, modelVersion, id },
    outputs: outputs.map((tensor) => ({
      name: tensor.name,
      datatype: tensor.datatype,
      shape: tensor.shape.map(BigInt),
      ...(raw ? {} : { contents: writeContents(tensor) }),
    })),
    rawOutputContents: raw ? outputs.map(({ datatype, data }) => writeValues(datatype, data)) : [],
  };
}

function writeContents({
  datatype,
  data,
}: ResponseTensor): MessageInitShape<typeof InferTensorContentsSchema> {
  if (datatype === 'BYTES') return { bytesContents: data.map((text) => Buffer.from(String(text))) };
  if (datatype === 'BOOL') return { boolContents: data.map(Boolean) };
  return { fp32Contents: data.map(Number) };
}
