import * as tf from '@tensorflow/tfjs-core';
import { layers, type SymbolicTensor, input as symbolicInput } from '@tensorflow/tfjs-layers';
import { MainstemError } from '../../../platform/lib/errors.ts';
import type { LayerKind, LayerPlan, TunedPlan } from './layer-plan.ts';

type Layer = layers.Layer;

/** The part of a backbone that is trained, as layers that are connected. */
export interface TunedPart {
  readonly input: SymbolicTensor;
  readonly features: SymbolicTensor;
}

/**
 * Makes the layers of a plan, with the file's weights.
 *
 * @throws MainstemError FINE_TUNE_UNSUPPORTED if a layer makes another shape than the operator that it stands for
 */
export function buildTuned(plan: TunedPlan, path: string): TunedPart {
  const input = symbolicInput({ shape: [...plan.shape] });
  const made = new Map([[plan.start, input]]);
  for (const [at, planned] of plan.layers.entries()) {
    const inputs = planned.inputs.map((name) => tensorOf(made, name));
    const layer = makeLayer(planned.layer, `tuned_${at + 1}`);
    const [only, ...others] = inputs;
    const output = layer.apply(others.length === 0 && only ? only : inputs);
    if (Array.isArray(output) || output instanceof tf.Tensor) throw new Error('not one tensor');
    assertShape(output.shape, planned, path);
    tf.tidy(() => {
      layer.setWeights(planned.weights.map(({ values, shape }) => tf.tensor(values, [...shape])));
    });
    made.set(planned.output, output);
  }
  return { input, features: tensorOf(made, plan.features) };
}

function tensorOf(made: ReadonlyMap<string, SymbolicTensor>, name: string): SymbolicTensor {
  const found = made.get(name);
  if (found) return found;
  throw new Error(`${name} is read before it is made`);
}

function assertShape(found: readonly (number | null)[], planned: LayerPlan, path: string): void {
  const shown = found.slice(1).join(', ');
  const { shape, operator } = planned;
  if (shown === shape.join(', ')) return;
  const reason = `its ${operator} makes [${shape.join(', ')}], but the layer that would be trained [${shown}]`;
  throw new MainstemError('FINE_TUNE_UNSUPPORTED', { path, reason });
}

/** Weights are set afterwards; drawing them would take its time. */
const empty = { kernelInitializer: 'zeros', biasInitializer: 'zeros' } as const;

function makeLayer(plan: LayerKind, name: string): Layer {
  switch (plan.kind) {
    case 'conv2d': {
      const { filters, kernelSize, strides, padding } = plan;
      return layers.conv2d({ name, filters, kernelSize, strides, padding, ...empty });
    }
    case 'depthwiseConv2d': {
      const { depthMultiplier, kernelSize, strides, padding } = plan;
      const depthwiseInitializer = 'zeros';
      const settings = { name, depthMultiplier, kernelSize, strides, padding };
      return layers.depthwiseConv2d({ ...settings, depthwiseInitializer, ...empty });
    }
    case 'dense':
      return layers.dense({ name, units: plan.units, ...empty });
    case 'zeroPadding2d':
      return layers.zeroPadding2d({ name, padding: plan.padding });
    case 'reLU':
      return layers.reLU({ name, ...(plan.maxValue !== null && { maxValue: plan.maxValue }) });
    case 'leakyReLU':
      return layers.leakyReLU({ name, alpha: plan.alpha });
    case 'activation':
      return layers.activation({ name, activation: plan.activation });
    case 'maxPooling2d':
    case 'averagePooling2d': {
      const { poolSize, strides, padding } = plan;
      return layers[plan.kind]({ name, poolSize, strides, padding });
    }
    case 'globalAveragePooling2d':
      return layers.globalAveragePooling2d({ name });
    case 'flatten':
      return layers.flatten({ name });
    case 'add':
    case 'multiply':
    case 'concatenate':
      return layers[plan.kind]({ name });
  }
}
