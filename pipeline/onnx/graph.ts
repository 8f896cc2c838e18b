import { create, type MessageInitShape, toBinary } from '@bufbuild/protobuf';
import {
  type AttributeProtoSchema,
  type ModelProto,
  ModelProtoSchema,
  type NodeProto,
  type NodeProtoSchema,
  type TensorProto,
  type TensorProtoSchema,
  type ValueInfoProtoSchema,
} from './onnx_pb.ts';

/** An attribute: text, a list of whole numbers, one whole number (bigint), one float, or a tensor of one dimension. */
export type Attribute =
  | string
  | readonly number[]
  | bigint
  | number
  | { readonly floats: Float32Array }
  | { readonly bytes: Uint8Array };

const operatorSet = 17n;
/** The version of the file format that belongs to operator set 17. */
const formatVersion = 8n;
/** The operators for trees, and their version that knows sets of categories. */
const treesDomain = 'ai.onnx.ml';
const treesVersion = 5n;
const attributeTypes = { float: 1, int: 2, string: 3, tensor: 4, ints: 7 };
const dataTypes = { float32: 1, uint8: 2, int64: 7 };

/** The size of an axis: fixed, or of any length under a name; null is the batch. */
export type AxisSize = number | string | null;

/**
 * Collects nodes, constants and ends, and writes them as an ONNX file. Equal calls give equal bytes. A graph that takes in
 * parts of another file keeps that file's operator sets, since the parts mean what they mean there.
 */
export class OnnxGraph {
  readonly #operatorSets: ReadonlyMap<string, bigint>;
  readonly #version: bigint;
  readonly #nodes: MessageInitShape<typeof NodeProtoSchema>[] = [];
  readonly #constants: MessageInitShape<typeof TensorProtoSchema>[] = [];
  readonly #inputs: MessageInitShape<typeof ValueInfoProtoSchema>[] = [];
  readonly #outputs: MessageInitShape<typeof ValueInfoProtoSchema>[] = [];

  /** @param base a file whose nodes are taken in with {@link adopt} */
  constructor(base?: Pick<ModelProto, 'irVersion' | 'opsetImport'>) {
    const sets = base?.opsetImport.map(({ domain, version }) => [domain, version] as const);
    this.#operatorSets = new Map(sets ?? [['', operatorSet]]);
    const version = base?.irVersion ?? formatVersion;
    this.#version = version > formatVersion ? version : formatVersion;
  }

  /** Takes in nodes and constants of another file as they are. */
  adopt(nodes: readonly NodeProto[], constants: readonly TensorProto[]): void {
    this.#nodes.push(...nodes);
    this.#constants.push(...constants);
  }

  /** Adds a node with one output. @returns the output's name */
  node(
    operator: string,
    inputs: readonly string[],
    attributes: Readonly<Record<string, Attribute>> = {},
    output = `value${this.#nodes.length}`,
  ): string {
    return this.#node({ domain: '', operator, output }, inputs, attributes);
  }

  /** Adds a node of the domain `ai.onnx.ml`. @returns the output's name */
  treesNode(
    operator: string,
    inputs: readonly string[],
    attributes: Readonly<Record<string, Attribute>>,
  ): string {
    const output = `value${this.#nodes.length}`;
    return this.#node({ domain: treesDomain, operator, output }, inputs, attributes);
  }

  #node(
    { domain, operator, output }: { domain: string; operator: string; output: string },
    inputs: readonly string[],
    attributes: Readonly<Record<string, Attribute>>,
  ): string {
    this.#nodes.push({
      domain,
      opType: operator,
      name: `${operator}${this.#nodes.length}`,
      input: [...inputs],
      output: [output],
      attribute: Object.entries(attributes).map(([name, value]) => attributeOf(name, value)),
    });
    return output;
  }

  /** Adds float32 constants. @param name for weights, so that a person finds them @returns their name */
  floats(values: Float32Array, dims: readonly number[], name?: string): string {
    return this.#constant(
      dataTypes.float32,
      new Uint8Array(Float32Array.from(values).buffer),
      dims,
      name,
    );
  }

  /** Adds one float32 constant. @returns its name */
  scalar(value: number): string {
    return this.floats(Float32Array.of(value), []);
  }

  /** Adds a list of int64 constants. @returns its name */
  integers(values: readonly number[]): string {
    const data = BigInt64Array.from(values, BigInt);
    return this.#constant(dataTypes.int64, new Uint8Array(data.buffer), [values.length]);
  }

  /** Declares an input of the whole graph. A null size is the batch. */
  input(name: string, shape: readonly AxisSize[]): void {
    this.#inputs.push(valueInfo(name, shape));
  }

  /** Declares an output of the whole graph. */
  output(name: string, shape: readonly AxisSize[]): void {
    this.#outputs.push(valueInfo(name, shape));
  }

  /** The whole file. @param metadata is written in the order of its keys */
  toBytes(name: string, metadata: Readonly<Record<string, string>>): Uint8Array {
    return toBinary(ModelProtoSchema, this.toModel(name, metadata));
  }

  /** The same as a message. */
  toModel(name: string, metadata: Readonly<Record<string, string>>): ModelProto {
    const sets = new Map(this.#operatorSets);
    if (this.#nodes.some(({ domain }) => domain === treesDomain)) {
      sets.set(treesDomain, treesVersion);
    }
    return create(ModelProtoSchema, {
      irVersion: this.#version,
      producerName: 'mainstem',
      opsetImport: [...sets].map(([domain, version]) => ({ domain, version })),
      metadataProps: Object.keys(metadata)
        .sort()
        .map((key) => ({ key, value: metadata[key] ?? '' })),
      graph: {
        name,
        node: this.#nodes,
        initializer: this.#constants,
        input: this.#inputs,
        output: this.#outputs,
      },
    });
  }

  #constant(
    dataType: number,
    rawData: Uint8Array<ArrayBuffer>,
    dims: readonly number[],
    name = `constant${this.#constants.length}`,
  ): string {
    this.#constants.push({ name, dataType, rawData, dims: dims.map(BigInt) });
    return name;
  }
}

function attributeOf(
  name: string,
  value: Attribute,
): MessageInitShape<typeof AttributeProtoSchema> {
  if (typeof value === 'string') {
    return { name, type: attributeTypes.string, s: new TextEncoder().encode(value) };
  }
  if (typeof value === 'bigint') return { name, type: attributeTypes.int, i: value };
  if (typeof value === 'number') return { name, type: attributeTypes.float, f: value };
  if ('floats' in value) return tensorAttribute(name, dataTypes.float32, value.floats);
  if ('bytes' in value) return tensorAttribute(name, dataTypes.uint8, value.bytes);
  return { name, type: attributeTypes.ints, ints: value.map(BigInt) };
}

function tensorAttribute(
  name: string,
  dataType: number,
  values: Float32Array | Uint8Array,
): MessageInitShape<typeof AttributeProtoSchema> {
  const rawData = new Uint8Array(values.slice().buffer);
  const dims = [BigInt(values.length)];
  return { name, type: attributeTypes.tensor, t: { dims, dataType, rawData } };
}

function valueInfo(
  name: string,
  shape: readonly AxisSize[],
): MessageInitShape<typeof ValueInfoProtoSchema> {
  const dim = shape.map((size) => ({
    value:
      typeof size === 'number'
        ? { case: 'dimValue' as const, value: BigInt(size) }
        : { case: 'dimParam' as const, value: size ?? 'batch' },
  }));
  const tensorType = { elemType: dataTypes.float32, shape: { dim } };
  return { name, type: { value: { case: 'tensorType', value: tensorType } } };
}
