import { MainstemError } from '../../../platform/lib/errors.ts';
import type { NodeProto, Observed } from '../../onnx/index.ts';
import type { Backbone } from '../parse-backbone.ts';
import { findDataTensors, readsData } from './data-flow.ts';
import type { TunedPlan } from './layer-plan.ts';
import { observe, type TunedPlace } from './observe.ts';
import { operators } from './operators/index.ts';
import { Planner } from './planner.ts';

/**
 * Reads the part of a backbone from a tensor on as layers that can be trained.
 *
 * @param start one that everything that is known of a picture passes through
 * @throws MainstemError FINE_TUNE_UNSUPPORTED naming the operator that cannot be trained
 */
export async function planTuned(
  backbone: Backbone,
  start: string,
  place: TunedPlace,
): Promise<TunedPlan> {
  const { path } = place;
  const refuse = (reason: string) => new MainstemError('FINE_TUNE_UNSUPPORTED', { path, reason });
  const data = findDataTensors(backbone);
  const nodes = nodesAfter(backbone, start, data);
  const unknown = nodes.find(({ domain, opType }) => domain !== '' || !operators.has(opType));
  if (unknown) throw refuse(`its ${unknown.opType} cannot be trained here`);
  const settings = nodes.flatMap(({ input }) => input.filter((name) => name && !data.has(name)));
  const observed = await observe(backbone, place, {
    values: [...settings, start, backbone.features],
    sizes: nodes.flatMap(({ output }) => output.slice(0, 1)),
  });
  const planner = new Planner({ path, ...observed, data, readers: countReaders(nodes) });
  const { dims, values } = observed.values.get(start) ?? { dims: [], values: [] };
  if (!(values instanceof Float32Array)) throw refuse(`${start} does not hold floats`);
  const shape = shapeOf(dims);
  planner.set(start, { name: start, shape });
  for (const node of nodes) {
    const operator = operators.get(node.opType);
    if (operator) planner.plan(node, operator);
  }
  const features = planner.get(backbone.features);
  if (features?.shape.length !== 1 || features.flattened) {
    throw refuse(`its features ${backbone.features} are whole maps, not one number for each`);
  }
  return {
    ...{ start, shape, layers: planner.layers, features: features.name },
    width: features.shape[0] ?? 0,
    proof: {
      input: channelsLast(values, dims),
      features: Float32Array.from(observed.values.get(backbone.features)?.values ?? []),
    },
  };
}

/** The nodes that make the features out of a tensor, in the file's order. */
function nodesAfter(
  { nodes }: Backbone,
  start: string,
  data: ReadonlySet<string>,
): readonly NodeProto[] {
  const made = new Set([start]);
  return nodes.filter((node) => {
    if (!readsData(node, data) || !node.input.some((name) => made.has(name))) return false;
    for (const name of node.output) made.add(name);
    return true;
  });
}

function countReaders(nodes: readonly NodeProto[]): Map<string, number> {
  const readers = new Map<string, number>();
  for (const name of nodes.flatMap(({ input }) => input)) {
    readers.set(name, (readers.get(name) ?? 0) + 1);
  }
  return readers;
}

function shapeOf([, channels = 0, ...sides]: readonly number[]): number[] {
  return [...sides, channels];
}

/** Pictures as the layers library lays them out; rows of numbers as they are. */
function channelsLast(values: Float32Array, dims: Observed['dims']): Float32Array {
  const [batch = 0, channels = 0, height = 1, width = 1] = dims;
  const cells = height * width;
  const turned = new Float32Array(values.length);
  for (let picture = 0; picture < batch; picture++) {
    const first = picture * channels * cells;
    for (let at = 0; at < channels * cells; at++) {
      const [channel, cell] = [Math.floor(at / cells), at % cells];
      turned[first + cell * channels + channel] = values[first + at] ?? 0;
    }
  }
  return turned;
}
