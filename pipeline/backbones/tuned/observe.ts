import { create, toBinary } from '@bufbuild/protobuf';
import { MainstemError } from '../../../platform/lib/errors.ts';
import { createRandom } from '../../../platform/lib/random.ts';
import { ModelProtoSchema, type Observed, observeTensors } from '../../onnx/index.ts';
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
const prefix = 'observed/';

/**
 * What some tensors of a network hold for two pictures of noise: of weights and settings their values, whatever they are
 * computed from.
 *
 * @throws MainstemError FINE_TUNE_UNSUPPORTED if ONNX Runtime cannot run it
 */
export async function observe(
  { model, nodes, weights, input, layout }: Backbone,
  { path, size }: TunedPlace,
  names: readonly string[],
): Promise<ReadonlyMap<string, Observed>> {
  const wanted = [...new Set(names)];
  const declared = model.graph?.input.filter(({ name }) => name === input) ?? [];
  const bytes = toBinary(
    ModelProtoSchema,
    create(ModelProtoSchema, {
      ...{ irVersion: model.irVersion, opsetImport: model.opsetImport },
      graph: {
        ...{ name: 'observed', initializer: [...weights], input: declared },
        node: [
          ...nodes,
          ...wanted.map((name) => ({
            ...{ opType: 'Identity', input: [name], output: [`${prefix}${name}`] },
          })),
        ],
        output: wanted.map((name) => ({ name: `${prefix}${name}` })),
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
  return new Map([...found].map(([name, observed]) => [name.slice(prefix.length), observed]));
}

/** Pixels as a network that expects a mean of 0 and a deviation of 1 takes them. */
function noise(length: number): Float32Array {
  const random = createRandom('pictures to look into a backbone with');
  return Float32Array.from({ length }, () => 4 * random.next() - 2);
}
