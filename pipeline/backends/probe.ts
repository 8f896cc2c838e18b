/*
 * Starts one backend, computes a convolution and its gradient on it and prints what it runs on; exits 1 with the
 * reason on standard error if that fails. Run by chooseBackend: node pipeline/backends/probe.ts <backend>
 */
import * as tf from '@tensorflow/tfjs-core';
// With the gradients.
import '@tensorflow/tfjs-layers';
import { isMainstemError } from '../../platform/lib/errors.ts';
import { backendNames } from '../../platform/schemas/backend-names.ts';
import { drivers } from './drivers.ts';
import { startBackend } from './start-backend.ts';

const filterShape: [number, number, number, number] = [3, 3, 3, 2];
const [, , asked = ''] = process.argv;
const name = backendNames.find((known) => known === asked);

try {
  if (!name) throw new Error(`${asked} is not a backend: ${backendNames.join(', ')}`);
  await startBackend({ name });
  await assertAll(27, 'a convolution', convolve(image(), filter()));
  const gradient = tf.grad((by) => tf.sum(convolve(image(), tf.reshape(by, filterShape))));
  await assertAll(4, 'its gradient', gradient(filter()));
  const runs = (await drivers[name].describe?.()) ?? `tfjs backend ${tf.getBackend()}`;
  process.stdout.write(`${name} works (${runs})\n`);
  process.exit(0);
} catch (error) {
  process.stderr.write(`${reasonOf(error)}\n`);
  process.exit(1);
}

function image(): tf.Tensor4D {
  return tf.ones([1, 4, 4, 3]);
}

function filter(): tf.Tensor4D {
  return tf.ones(filterShape);
}

function convolve(from: tf.Tensor4D, by: tf.Tensor4D): tf.Tensor4D {
  return tf.conv2d(from, by, 1, 'valid');
}

async function assertAll(expected: number, what: string, tensor: tf.Tensor): Promise<void> {
  const wrong = (await tensor.data()).find((value) => value !== expected);
  if (wrong !== undefined) throw new Error(`${what} gave ${wrong} instead of ${expected}`);
}

function reasonOf(error: unknown): unknown {
  if (isMainstemError(error)) return error.details.reason;
  return error instanceof Error ? error.message : error;
}
