import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { MainstemError } from '../../platform/lib/errors.ts';
import type { BackendName } from '../../platform/schemas/index.ts';
import type { Availability } from './driver.ts';

const run = promisify(execFile);
const patienceMs = 60_000;

/** Whether an optional package is in node_modules (not whether it works). */
export function isInstalled(name: string): boolean {
  try {
    import.meta.resolve(name);
    return true;
  } catch {
    return false;
  }
}

/**
 * Tries to start a backend in a process of its own, where a native library that crashes or prints hurts
 * nobody. `packages` are its optional packages: if one is missing no process is started.
 */
export async function tryBackend(
  name: BackendName,
  packages: readonly string[],
): Promise<Availability> {
  const missing = packages.find((each) => !isInstalled(each));
  if (missing) return { usable: false, why: `${missing} is not installed` };
  const probe = fileURLToPath(new URL('./probe.ts', import.meta.url));
  try {
    const { stdout } = await run(process.execPath, [probe, name], { timeout: patienceMs });
    return { usable: true, why: lastLine(stdout) };
  } catch (cause) {
    return { usable: false, why: `${name} does not start: ${reasonOf(cause)}` };
  }
}

/** What a driver throws if its backend does not start. */
export function startFailure(name: BackendName, reason: string, cause?: unknown): MainstemError {
  return new MainstemError('BACKEND_UNAVAILABLE', { name, reason }, { cause });
}

function reasonOf(cause: unknown): string {
  if (typeof cause !== 'object' || cause === null) return String(cause);
  const stderr = 'stderr' in cause ? lastLine(String(cause.stderr)) : '';
  return stderr || ('message' in cause ? String(cause.message) : 'unknown reason');
}

function lastLine(text: string): string {
  return text.trim().split('\n').at(-1) ?? '';
}
