/*
 * Starts one backend, computes one convolution on it and prints what it runs on; exits 1 with the
 * reason on standard error if that fails. Run by chooseBackend: node pipeline/backends/probe.ts <backend>
 */
import * as tf from '@tensorflow/tfjs-core';
import { isMainstemError } from '../../platform/lib/errors.ts';
import { backendNames } from '../../platform/schemas/backend-names.ts';
import { startBackend } from './start-backend.ts';

const [, , asked = ''] = process.argv;
const name = backendNames.find((known) => known === asked);

try {
  if (!name) throw new Error(`${asked} is not a backend: ${backendNames.join(', ')}`);
  await startBackend({ name });
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
