import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import type { BackendDriver } from './driver.ts';
import { isInstalled } from './is-installed.ts';

/** Whether a backend can be used on this machine, and why. */
export interface Availability {
  readonly usable: boolean;
  /** Whether its parts are there, even if it does not start. */
  readonly installed: boolean;
  /** One clause for a person, for example `@tensorflow/tfjs-node is not installed`. */
  readonly why: string;
}

const run = promisify(execFile);
const patienceMs = 60_000;

/**
 * Finds out whether a backend can be used, loading nothing into this process: one that needs optional packages is
 * started in a process of its own, where a native library may crash or print without harm. If a package is
 * missing no process is started.
 */
export async function findBackend({
  name,
  packages,
  lacks = () => lackingPackage(packages),
}: Pick<BackendDriver, 'name' | 'packages' | 'lacks'>): Promise<Availability> {
  if (packages.length === 0) {
    return { usable: true, installed: true, why: `${name} is built in` };
  }
  const lack = lacks();
  return lack === null ? tryBackend(name) : { usable: false, installed: false, why: lack };
}

/** Starts a backend in a process of its own, whatever is installed. @param settings environment variables to change */
export async function tryBackend(
  name: BackendDriver['name'],
  settings: NodeJS.ProcessEnv = {},
): Promise<Availability> {
  const probe = fileURLToPath(new URL('./probe.ts', import.meta.url));
  try {
    const { stdout } = await run(process.execPath, [probe, name], {
      timeout: patienceMs,
      env: { ...process.env, ...settings },
    });
    return { usable: true, installed: true, why: lastLine(stdout) };
  } catch (cause) {
    const why = `${name} does not start: ${reasonOf(cause)}`;
    return { usable: false, installed: true, why };
  }
}

function lackingPackage(packages: readonly string[]): string | null {
  const missing = packages.find((each) => !isInstalled(each));
  return missing === undefined ? null : `${missing} is not installed`;
}

function reasonOf(cause: unknown): string {
  if (typeof cause !== 'object' || cause === null) return String(cause);
  const stderr = 'stderr' in cause ? lastLine(String(cause.stderr)) : '';
  return stderr || ('message' in cause ? String(cause.message) : 'unknown reason');
}

function lastLine(text: string): string {
  return text.trim().split('\n').at(-1) ?? '';
}
