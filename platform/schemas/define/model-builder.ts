import type * as layers from '@tensorflow/tfjs-layers';

/** What a model builder is called with. */
export interface ModelContext<Model> {
  /** The layers library (`@tensorflow/tfjs-layers`). */
  readonly layers: typeof layers;
  /** Shape of one row: [height, width, 3] or [columns after encoding]. */
  readonly inputShape: readonly number[];
  /** How many numbers to output: classes, or 1 for regression. */
  readonly outputs: number;
  /** The `model` part of params.json. */
  readonly model: Model;
}

/**
 * Builds the network: input as preprocessing gives it (uint8 × scale + offset, or encoded columns), output
 * LOGITS (classification) or the value (regression): the last layer has no activation. The last layer's
 * input is the embedding that out-of-distribution distance is measured in.
 *
 * @example
 * export const model: ModelBuilder<{ units: number }> = ({ layers, inputShape, outputs, model: { units } }) => {
 *   const hidden = layers.layers.dense({ inputShape: [...inputShape], units, activation: 'relu' });
 *   return layers.sequential({ layers: [hidden, layers.layers.dense({ units: outputs })] });
 * }; // a network with weights for [batch, …inputShape] → [batch, outputs]
 */
export type ModelBuilder<Model> = (context: ModelContext<Model>) => layers.LayersModel;
