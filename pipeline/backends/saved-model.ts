import * as tf from '@tensorflow/tfjs-core';
import { type LayersModel, loadLayersModel } from '@tensorflow/tfjs-layers';
import { Type } from 'typebox';
import { canonicalJson } from '../../platform/lib/canonical-json.ts';
import { parseJson } from '../../platform/lib/json.ts';
import type { Artefact, BlobStore } from '../../platform/schemas/index.ts';

/** A model in the store. */
export interface SavedModel {
  readonly topology: Artefact;
  readonly weights: Artefact;
  /** How many numbers the network has learnt or keeps. */
  readonly weightCount: number;
}

const Dtype = Type.Union([Type.Literal('float32'), Type.Literal('int32'), Type.Literal('bool')]);

/** The JSON behind `TrainOutput.topology`. */
const Topology = Type.Object({
  modelTopology: Type.Object({}),
  weightSpecs: Type.Array(
    Type.Object({ name: Type.String(), shape: Type.Array(Type.Integer()), dtype: Dtype }),
  ),
});

/** Stores a model for `saveModel`, in a file that loads the tensor library. */
export async function writeModel(store: BlobStore, model: LayersModel): Promise<SavedModel> {
  const { modelTopology, weightSpecs, weightData } = await artifactsOf(model);
  const topology = new TextEncoder().encode(canonicalJson({ modelTopology, weightSpecs }));
  const weights = tf.io.CompositeArrayBuffer.join(weightData);
  return {
    topology: await store.put(topology, 'application/json'),
    weights: await store.put(new Uint8Array(weights), 'application/octet-stream'),
    weightCount: model.countParams(),
  };
}

/** Loads a model for `loadModel`, in a file that loads the tensor library. */
export async function readModel(
  store: BlobStore,
  saved: Pick<SavedModel, 'topology' | 'weights'>,
): Promise<LayersModel> {
  const text = new TextDecoder().decode(await store.get(saved.topology.digest));
  const { modelTopology, weightSpecs } = parseJson(text, Topology, saved.topology.digest);
  const weightData = copyToBuffer(await store.get(saved.weights.digest));
  return loadLayersModel(tf.io.fromMemory({ modelTopology, weightSpecs, weightData }));
}

async function artifactsOf(model: LayersModel): Promise<tf.io.ModelArtifacts> {
  let kept: tf.io.ModelArtifacts = {};
  const handler = tf.io.withSaveHandler(async (artifacts) => {
    kept = artifacts;
    return { modelArtifactsInfo: { dateSaved: new Date(0), modelTopologyType: 'JSON' } };
  });
  await model.save(handler);
  return kept;
}

/** A view into a larger buffer would carry that buffer's other bytes along. */
function copyToBuffer(bytes: Uint8Array): ArrayBuffer {
  const buffer = new ArrayBuffer(bytes.byteLength);
  new Uint8Array(buffer).set(bytes);
  return buffer;
}
