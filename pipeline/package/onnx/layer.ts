import type { layers, SymbolicTensor } from '@tensorflow/tfjs-layers';
import type { Static, TSchema } from 'typebox';
import { Check } from 'typebox/value';
import { MainstemError } from '../../../platform/lib/errors.ts';
import type { OnnxGraph } from '../../onnx/index.ts';
import type { Value } from './value.ts';

export type Layer = layers.Layer;

/** A weight's values with the shape that the layers library gives them. */
export interface Weight {
  readonly shape: readonly number[];
  readonly values: Float32Array;
}

/** What the export of one layer may use. */
export interface LayerContext {
  readonly graph: OnnxGraph;
  readonly name: string;
  /** For example `Conv2D`. */
  readonly className: string;
  readonly outputShape: readonly (number | null)[];
  /** Whether only one dense layer reads the result. */
  readonly feedsDense: boolean;
  /** The layer's settings, checked. @throws MainstemError ONNX_LAYER_UNSUPPORTED if they do not fit the schema */
  config<T extends TSchema>(schema: T): Static<T>;
  /** A weight by its last name, for example `kernel`; null if the layer has none. */
  weight(name: string): Weight | null;
  /** A weight by its last name. @throws MainstemError ONNX_LAYER_UNSUPPORTED if the layer has none */
  needWeight(name: string): Weight;
  /** Builds the error for what has no ONNX form here. */
  unsupported(reason: string): MainstemError;
}

/** Adds one layer to the graph and says where its result is. */
export type LayerExport = (context: LayerContext, inputs: readonly Value[]) => Value;

/** The only input of a layer. @throws MainstemError ONNX_LAYER_UNSUPPORTED if it has several or none */
export function onlyInput(context: LayerContext, inputs: readonly Value[]): Value {
  const [first, ...others] = inputs;
  if (first && others.length === 0) return first;
  throw context.unsupported(`it has ${inputs.length} inputs`);
}

/** Collects what the export of a layer needs. */
export function describeLayer(
  graph: OnnxGraph,
  layer: Layer,
  weights: ReadonlyMap<string, Weight>,
  output: SymbolicTensor,
  feedsDense: boolean,
): LayerContext {
  const className = layer.getClassName();
  const unsupported = (reason: string) =>
    new MainstemError('ONNX_LAYER_UNSUPPORTED', { layer: layer.name, class: className, reason });
  const weight = (name: string) => weights.get(`${layer.name}/${name}`) ?? null;
  return {
    ...{ graph, className, feedsDense, unsupported, weight },
    name: layer.name,
    outputShape: output.shape,
    config: (schema) => {
      const config: unknown = layer.getConfig();
      if (Check(schema, config)) return config;
      throw unsupported('its settings have no ONNX form here');
    },
    needWeight: (name) => {
      const found = weight(name);
      if (found) return found;
      throw unsupported(`it has no weight ${name}`);
    },
  };
}

/** Reads all weights of a network, by layer and last name. */
export async function readWeights(all: readonly Layer[]): Promise<Map<string, Weight>> {
  const weights = new Map<string, Weight>();
  for (const layer of all) {
    for (const variable of layer.weights) {
      const tensor = variable.read();
      const last = variable.originalName.split('/').at(-1);
      const values = Float32Array.from(await tensor.data());
      weights.set(`${layer.name}/${last}`, { shape: tensor.shape, values });
    }
  }
  return weights;
}
