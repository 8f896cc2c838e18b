/*
 * Starts one optional backend, computes one convolution on it and prints what it runs on; exits 1 with the
 * reason on standard error if that fails. Run by chooseBackend: node pipeline/backends/probe.ts <backend>
 */
import * as tf from '@tensorflow/tfjs-core';
import { isMainstemError } from '../../platform/lib/errors.ts';
import { drivers } from './drivers.ts';

const name = process.argv[2];

try {
  if (name !== 'tensorflow-gpu' && name !== 'tensorflow' && name !== 'webgpu') {
    throw new Error(`${name} is not an optional backend`);
  }
  await drivers[name].start();
  const ones = tf.tidy(() =>
    tf.conv2d(tf.ones<tf.Rank.R4>([1, 4, 4, 3]), tf.ones<tf.Rank.R4>([3, 3, 3, 2]), 1, 'valid'),
  );
  const [first] = await ones.data();
  if (first !== 27) throw new Error(`a convolution gave ${first} instead of 27`);
  process.stdout.write(`${name} works (tfjs backend ${tf.getBackend()})\n`);
  process.exit(0);
} catch (error) {
  process.stderr.write(`${reasonOf(error)}\n`);
  process.exit(1);
}

function reasonOf(error: unknown): unknown {
  if (isMainstemError(error)) return error.details.reason;
  return error instanceof Error ? error.message : error;
}
