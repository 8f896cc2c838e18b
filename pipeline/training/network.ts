import * as tf from '@tensorflow/tfjs-core';
import * as layers from '@tensorflow/tfjs-layers';
import { MainstemError } from '../../platform/lib/errors.ts';
import type { ModelBuilder } from '../../platform/schemas/define/index.ts';
import { findEnds } from '../backends/index.ts';
import type { Values } from './checkpoint.ts';

/** What building a network needs. */
export interface NetworkRequest {
  /** The project's name, for errors. */
  readonly project: string;
  readonly builder: ModelBuilder<Record<string, unknown>>;
  readonly inputShape: readonly number[];
  readonly outputs: number;
  /** The `model` part of params.json. */
  readonly model: Readonly<Record<string, unknown>>;
}

/**
 * Builds a project's network and asserts that it fits the data.
 *
 * @throws MainstemError TRAINING_MODEL_INVALID
 */
export function buildNetwork(request: NetworkRequest): layers.LayersModel {
  const { inputShape, outputs } = request;
  try {
    const network = request.builder({ layers, inputShape, outputs, model: request.model });
    assertFits(network, inputShape, outputs);
    return network;
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : String(cause);
    throw new MainstemError(
      'TRAINING_MODEL_INVALID',
      { project: request.project, reason },
      { cause },
    );
  }
}

function assertFits(
  network: layers.LayersModel,
  inputShape: readonly number[],
  outputs: number,
): void {
  const { input, output } = findEnds(network);
  assertShape('takes', input.shape, inputShape);
  assertShape('gives', output.shape, [outputs]);
  const last = output.sourceLayer;
  if (last.getClassName() !== 'Dense' || last.getWeights().length !== 2) {
    throw new Error('its last layer must be a dense layer with a bias');
  }
  const { activation } = last.getConfig();
  if (activation !== 'linear') {
    throw new Error(`its last layer must have no activation, but has ${activation}`);
  }
}

function assertShape(
  verb: string,
  found: readonly (number | null)[],
  wanted: readonly number[],
): void {
  const text = found.slice(1).join(' × ');
  const expected = wanted.join(' × ');
  if (text !== expected) throw new Error(`it ${verb} ${text} numbers, but must ${expected}`);
}

/** The network's output for a batch: logits, or the value. Call inside a tidy. */
export function applyNetwork(
  network: layers.LayersModel,
  batch: tf.Tensor,
  training: boolean,
): tf.Tensor {
  const output = network.apply(batch, { training });
  if (output instanceof tf.Tensor) return output;
  throw new Error('the network did not return a single tensor');
}

/** Copies the network's weights out of the backend; {@link restoreWeights} does the reverse. */
export async function copyWeights(network: layers.LayersModel): Promise<Values[]> {
  return Promise.all(network.getWeights().map(copyTensor));
}

/** Copies a tensor out of the backend. */
export async function copyTensor(tensor: tf.Tensor): Promise<Values> {
  return { shape: tensor.shape, values: await tensor.data<'float32'>() };
}

/** Sets the network's weights to a copy that {@link copyWeights} made. */
export function restoreWeights(network: layers.LayersModel, weights: readonly Values[]): void {
  tf.tidy(() => network.setWeights(weights.map(({ values, shape }) => tf.tensor(values, shape))));
}

/**
 * Makes a network that learned (target − shift) / scale return the target itself: its last layer is linear, so the
 * kernel and bias absorb the scale and shift.
 */
export async function unscaleOutput(
  network: layers.LayersModel,
  { shift, scale }: { readonly shift: number; readonly scale: number },
): Promise<void> {
  const last = findEnds(network).output.sourceLayer;
  const [kernel, bias] = await Promise.all(last.getWeights().map(copyTensor));
  if (!kernel || !bias) throw new Error('the last layer has no kernel and bias');
  const larger = kernel.values.map((weight) => weight * scale);
  const moved = bias.values.map((weight) => weight * scale + shift);
  tf.tidy(() => last.setWeights([tf.tensor(larger, kernel.shape), tf.tensor(moved, bias.shape)]));
}
