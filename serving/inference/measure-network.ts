import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { MainstemError } from '../../platform/lib/errors.ts';

const probe = join(import.meta.dirname, 'probe.ts');

/** A network that takes longer to load than this is not waited for. */
const patienceMs = 120_000;

/**
 * Measures how much memory a network takes when it is loaded once and has computed once, in a process of its own. A network that
 * makes the runtime crash does so there.
 *
 * @param shape [1, …] of its input
 * @returns bytes
 * @throws MainstemError SERVING_WORKER_FAILED
 * @example await measureNetwork(onnx, [1, 64, 64, 3]) // 1_310_720
 */
export async function measureNetwork(onnx: Uint8Array, shape: readonly number[]): Promise<number> {
  const { NODE_COMPILE_CACHE } = process.env;
  const child = spawn(process.execPath, [probe, shape.join(',')], {
    stdio: ['pipe', 'pipe', 'pipe'],
    timeout: patienceMs,
    env: NODE_COMPILE_CACHE ? { NODE_COMPILE_CACHE } : {},
  });
  // A process that ends before it has read everything says so by its exit.
  child.stdin.on('error', () => {}).end(onnx);
  const [ended, said, fault] = await Promise.all([
    once(child, 'exit').catch((error: unknown) => [null, String(error)]),
    text(child.stdout).catch(() => ''),
    text(child.stderr).catch(() => ''),
  ]);
  const [code, signal] = ended;
  if (code === 0 && /^\d+$/.test(said)) return Number(said);
  throw new MainstemError('SERVING_WORKER_FAILED', { reason: reasonOf(fault, code, signal) });
}

/** The line of an uncaught error, or how the process ended. */
function reasonOf(fault: string, code: unknown, signal: unknown): string {
  const line = fault.split('\n').find((one) => /^\w*Error\b/.test(one));
  return line ?? `the process that measures it ended with ${code ?? signal}`;
}
