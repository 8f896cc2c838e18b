import { fromBinary } from '@bufbuild/protobuf';
import { MainstemError } from '../../platform/lib/errors.ts';
import {
  type ModelProto,
  ModelProtoSchema,
  type NodeProto,
  type TensorProto,
  type ValueInfoProto,
} from '../onnx/index.ts';

/** The part of a network that makes features out of pictures. */
export interface Backbone {
  readonly model: ModelProto;
  /** The tensor that takes the pictures. */
  readonly input: string;
  readonly layout: 'channels-first' | 'channels-last';
  /** Pixels per side that it takes; null where any size will do. */
  readonly size: number | null;
  /** Whether it takes pixels as they are stored, 0 to 255, and not as fractions. */
  readonly takesBytes: boolean;
  /** The tensor with the features, [batch, width]. */
  readonly features: string;
  /** What computes the features, in order. */
  readonly nodes: readonly NodeProto[];
  /** The weights of these nodes. */
  readonly weights: readonly TensorProto[];
}

export interface ParseOptions {
  /** What to call the file in an error. */
  readonly path: string;
  /** The tensor with the features; without it, what the last Gemm or MatMul reads. */
  readonly features?: string | undefined;
}

/** Operators that multiply by the weights of a last layer. */
const lastLayers = new Set(['Gemm', 'MatMul']);
/** Operators with graphs of their own, which read names of the graph around them. */
const nested = new Set(['If', 'Loop', 'Scan']);
/** Number and value of the field by which a tensor says that its values lie in another file (onnx.proto3). */
const dataLocation = { field: 14, external: 1 };

/**
 * Reads a network for images and cuts it at its features: what only its classes need is left out.
 *
 * @throws MainstemError BACKBONE_UNSUPPORTED saying what about the file cannot be used
 */
export function parseBackbone(bytes: Uint8Array, { path, features }: ParseOptions): Backbone {
  const refuse = (reason: string) => new MainstemError('BACKBONE_UNSUPPORTED', { path, reason });
  const model = readModel(bytes, path);
  const { node: nodes = [], initializer: constants = [], input: inputs = [] } = model.graph ?? {};
  const names = new Set(constants.map(({ name }) => name));
  const [input, ...others] = inputs.filter(({ name }) => !names.has(name));
  if (!input || others.length > 0) {
    throw refuse(`it has ${others.length + (input ? 1 : 0)} inputs, not one for pictures`);
  }
  const cut = features ?? findFeatures(nodes, names, refuse);
  const needed = nodesFor(cut, nodes);
  assertUsable(needed, { cut, input: input.name, named: features !== undefined, refuse });
  const takesBytes = readType(input, needed, refuse) === 'uint8';
  const read = new Set(needed.flatMap((node) => node.input));
  const weights = constants.filter(({ name }) => read.has(name));
  assertInFile(weights, refuse);
  return {
    model,
    ...{ input: input.name, ...readShape(input, refuse), takesBytes },
    ...{ features: cut, nodes: needed, weights },
  };
}

type Refuse = (reason: string) => MainstemError;

/** Reads an ONNX file. @throws MainstemError BACKBONE_UNSUPPORTED */
export function readModel(bytes: Uint8Array, path: string): ModelProto {
  try {
    const model = fromBinary(ModelProtoSchema, bytes);
    if (model.graph && model.graph.node.length > 0) return model;
  } catch {
    // Not even a message of the format's kind.
  }
  const reason = 'it is not an ONNX file with a network in it';
  throw new MainstemError('BACKBONE_UNSUPPORTED', { path, reason });
}

/** What the last layer with weights reads. */
function findFeatures(
  nodes: readonly NodeProto[],
  constants: ReadonlySet<string>,
  refuse: Refuse,
): string {
  const last = nodes.findLast(
    ({ opType, input }) => lastLayers.has(opType) && constants.has(input[1] ?? ''),
  );
  const read = last?.input[0];
  if (read) return read;
  throw refuse('it has no Gemm or MatMul whose input could be the features, so name their tensor');
}

/** The nodes that a tensor depends on, in the file's order. */
function nodesFor(tensor: string, nodes: readonly NodeProto[]): NodeProto[] {
  const makers = new Map(nodes.flatMap((node) => node.output.map((name) => [name, node] as const)));
  const needed = new Set<NodeProto>();
  const waiting = [tensor];
  for (let name = waiting.pop(); name !== undefined; name = waiting.pop()) {
    const maker = makers.get(name);
    if (!maker || needed.has(maker)) continue;
    needed.add(maker);
    waiting.push(...maker.input);
  }
  return nodes.filter((node) => needed.has(node));
}

function assertUsable(
  nodes: readonly NodeProto[],
  found: {
    readonly cut: string;
    readonly input: string;
    readonly named: boolean;
    readonly refuse: Refuse;
  },
): void {
  const { cut, input, named, refuse } = found;
  if (!nodes.some((node) => node.input.includes(input))) {
    const what = named ? 'there is no such tensor, or it' : 'what its last layer reads';
    throw refuse(
      `the features are said to be ${JSON.stringify(cut)}, but ${what} does not depend on the pictures`,
    );
  }
  const inner = nodes.find(({ opType }) => nested.has(opType));
  if (inner) throw refuse(`its ${inner.opType} has a graph of its own`);
}

function assertInFile(weights: readonly TensorProto[], refuse: Refuse): void {
  const outside = weights.find(({ $unknown }) =>
    $unknown?.some(
      ({ no, data }) => no === dataLocation.field && data[0] === dataLocation.external,
    ),
  );
  if (!outside) return;
  throw refuse('its weights lie in another file; save it as a single one');
}

/** Number → name of the types that inputs have (onnx.proto3); 0 is none. */
const types = new Map<number, string>([
  [0, 'float32'],
  [1, 'float32'],
  [2, 'uint8'],
  [3, 'int8'],
  [6, 'int32'],
  [7, 'int64'],
  [10, 'float16'],
  [11, 'float64'],
  [16, 'bfloat16'],
]);

/** The type of its input. What is not of 32-bit floats is taken if all that reads it makes floats of it first. */
function readType(
  { name, type }: ValueInfoProto,
  nodes: readonly NodeProto[],
  refuse: Refuse,
): string {
  const number = type?.value.case === 'tensorType' ? type.value.value.elemType : 0;
  const found = types.get(number) ?? `type ${number}`;
  const readers = nodes.filter(({ input }) => input.includes(name));
  if (found === 'float32' || readers.every(({ opType }) => opType === 'Cast')) return found;
  throw refuse(`its input ${name} is of ${found}; export it with one of float32`);
}

/** Where the channels of its input are, and how large the pictures must be. */
function readShape(
  { name, type }: ValueInfoProto,
  refuse: Refuse,
): Pick<Backbone, 'layout' | 'size'> {
  const tensor = type?.value.case === 'tensorType' ? type.value.value : null;
  const sizes = (tensor?.shape?.dim ?? []).map(({ value }) =>
    value.case === 'dimValue' ? Number(value.value) : null,
  );
  const shown = `[${sizes.map((size) => size ?? 'any').join(', ')}]`;
  const [batch, ...rest] = sizes;
  if (sizes.length !== 4) throw refuse(`its input ${name} is ${shown}, not a batch of pictures`);
  if (batch !== null) {
    throw refuse(`its input takes ${batch} at a time; export it with a batch of any size`);
  }
  const layout = rest[0] === 3 ? 'channels-first' : rest[2] === 3 ? 'channels-last' : undefined;
  if (!layout) throw refuse(`its input ${name} is ${shown}: neither axis has three channels`);
  const [height, width] = layout === 'channels-first' ? rest.slice(1) : rest;
  if (height !== width) throw refuse(`its input is ${height} by ${width}, not a square`);
  return { layout, size: height ?? null };
}
