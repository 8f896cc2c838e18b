import { create, toBinary } from '@bufbuild/protobuf';
import { MainstemError } from '../../../platform/lib/errors.ts';
import { createRandom } from '../../../platform/lib/random.ts';
import {
  type ModelProto,
  ModelProtoSchema,
  type Observed,
  observeTensors,
} from '../../onnx/index.ts';
import type { Backbone } from '../parse-backbone.ts';
import { runtimeReason } from '../runtime-reason.ts';

/** What a backbone is called in errors, and how large its pictures are. */
export interface TunedPlace {
  readonly path: string;
  /** Pixels per side. */
  readonly size: number;
}

/** So many pictures are run, so that the axis of the batch is known from the others. */
export const observedBatch = 2;

/** Names of what is looked at do not meet those of the network. */
const prefixes = { values: 'values/', sizes: 'sizes/' };

/** What is looked at: of some tensors what they hold, of others how large they are. */
export interface Looked {
  readonly values?: readonly string[];
  readonly sizes?: readonly string[];
}

/**
 * What some tensors of a network hold for two pictures of noise, or how large they are. Weights and settings are tensors, too,
 * whatever they are computed from.
 *
 * @throws MainstemError FINE_TUNE_UNSUPPORTED if ONNX Runtime cannot run it
 */
export async function observe(
  { model, nodes, weights, input, layout }: Backbone,
  { path, size }: TunedPlace,
  { values = [], sizes = [] }: Looked,
): Promise<{
  readonly values: ReadonlyMap<string, Observed>;
  readonly sizes: ReadonlyMap<string, readonly number[]>;
}> {
  const ends = [
    ...[...new Set(values)].map((name) => looking('Identity', prefixes.values, name)),
    ...[...new Set(sizes)].map((name) => looking('Shape', prefixes.sizes, name)),
  ];
  const bytes = toBinary(
    ModelProtoSchema,
    create(ModelProtoSchema, {
      ...{ irVersion: model.irVersion, opsetImport: model.opsetImport },
      graph: {
        ...{ name: 'observed', initializer: [...weights], input: [asFloats(model, input)] },
        node: [...nodes, ...ends],
        output: ends.flatMap(({ output }) => output.map((name) => ({ name }))),
      },
    }),
  );
  const sides = [size, size];
  const dims =
    layout === 'channels-first' ? [observedBatch, 3, ...sides] : [observedBatch, ...sides, 3];
  const found = await observeTensors(bytes, {
    ...{ name: input, dims, values: noise(observedBatch * 3 * size * size) },
  }).catch((cause) => {
    const reason = runtimeReason(cause);
    throw new MainstemError('FINE_TUNE_UNSUPPORTED', { path, reason }, { cause });
  });
  const named = (prefix: string) =>
    [...found].flatMap(([name, observed]) =>
      name.startsWith(prefix) ? [[name.slice(prefix.length), observed] as const] : [],
    );
  return {
    values: new Map(named(prefixes.values)),
    sizes: new Map(named(prefixes.sizes).map(([name, observed]) => [name, [...observed.values]])),
  };
}

/** The input of a network as one of floats: where its file declares another type, what reads it makes floats of it first. */
function asFloats({ graph }: ModelProto, name: string) {
  const declared = graph?.input.find((input) => input.name === name)?.type?.value;
  const shape = declared?.case === 'tensorType' ? declared.value.shape : undefined;
  const value = { elemType: float32, ...(shape && { shape }) };
  return { name, type: { value: { case: 'tensorType' as const, value } } };
}

/** The number of the type (onnx.proto3). */
const float32 = 1;

function looking(opType: string, prefix: string, name: string) {
  return { opType, input: [name], output: [`${prefix}${name}`] };
}

/** Pixels as a network that expects a mean of 0 and a deviation of 1 takes them. */
function noise(length: number): Float32Array {
  const random = createRandom('pictures to look into a backbone with');
  return Float32Array.from({ length }, () => 4 * random.next() - 2);
}
