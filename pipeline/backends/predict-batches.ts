import * as tf from '@tensorflow/tfjs-core';
import { model as buildModel, type LayersModel } from '@tensorflow/tfjs-layers';
import { findEnds } from './find-ends.ts';
import type { Fill, Predictions } from './predictions.ts';

/** Runs the batches for `predictAll`, in a file that loads the tensor library. */
export async function predictBatches(
  model: LayersModel,
  rows: readonly number[],
  fill: Fill,
  batchSize: number,
): Promise<Predictions> {
  const { input, output, embedding } = findEnds(model);
  const twoHeaded = buildModel({ inputs: input, outputs: [output, embedding] });
  const shape = sizesOf(input.shape);
  const outputs = product(sizesOf(output.shape));
  const embeddingSize = product(sizesOf(embedding.shape));
  const result = {
    output: new Float32Array(rows.length * outputs),
    embedding: new Float32Array(rows.length * embeddingSize),
    outputs,
    embeddingSize,
  };
  for (let first = 0; first < rows.length; first += batchSize) {
    const batch = rows.slice(first, first + batchSize);
    const values = new Float32Array(batch.length * product(shape));
    fill(values, batch);
    const heads = await predictBatch(twoHeaded, values, [batch.length, ...shape]);
    result.output.set(heads.output, first * outputs);
    result.embedding.set(heads.embedding, first * embeddingSize);
  }
  return result;
}

async function predictBatch(model: LayersModel, values: Float32Array, shape: number[]) {
  const [output, embedding] = tf.tidy(() =>
    [model.predictOnBatch(tf.tensor(values, shape))].flat(),
  );
  if (!output || !embedding) throw new Error('a model with two outputs gave fewer');
  try {
    return { output: await output.data<'float32'>(), embedding: await embedding.data<'float32'>() };
  } finally {
    tf.dispose([output, embedding]);
  }
}

/** The sizes after the batch dimension. */
function sizesOf(shape: readonly (number | null)[]): number[] {
  return shape.slice(1).map((size) => size ?? 1);
}

function product(sizes: readonly number[]): number {
  return sizes.reduce((total, size) => total * size, 1);
}
