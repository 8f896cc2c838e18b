import { spawn } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { suddenEndError } from '../../../platform/lib/sudden-end.ts';
import { failStep } from './fail-step.ts';
import { repositoryRoot } from './workspace.ts';

/**
 * Runs an action's main function: an error becomes a failed step with code, message and hint; the
 * details of one that nobody expected go to the job's log. The runner starts
 * actions on its own Node; this hands over to the pinned one, so that a result does not depend on the runner's release.
 */
export async function runAction(main: () => Promise<void>): Promise<void> {
  const ended = guardAction();
  const pinned = pinnedNode();
  if (pinned === null) await main().catch(failStep);
  else process.exitCode = await runOn(pinned);
  ended();
}

/**
 * Fails the step for an error outside the main function, and for a process that ends before its work has: a project's
 * code may do that, with exit code 0, too.
 *
 * @returns to be called when the work has ended
 */
function guardAction(): () => void {
  let expected = false;
  let idle = false;
  process.on('uncaughtException', (error) => {
    expected = true;
    failStep(error);
    process.exit(1);
  });
  process.on('beforeExit', () => {
    idle = true;
  });
  process.on('exit', () => {
    if (!expected) failStep(suddenEndError(idle ? 'idle' : 'exited'));
  });
  return () => {
    expected = true;
  };
}

/** Path of the pinned Node; null if it is this one, or not installed. */
function pinnedNode(): string | null {
  const folder = join(repositoryRoot, 'node_modules', 'node');
  const binary = join(folder, 'bin', process.platform === 'win32' ? 'node.exe' : 'node');
  if (!existsSync(binary)) return null;
  const { version } = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8'));
  return version === process.versions.node ? null : binary;
}

function runOn(node: string): Promise<number> {
  const [, script = '', ...rest] = process.argv;
  const child = spawn(node, [script, ...rest], { stdio: 'inherit' });
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.on(signal, () => child.kill(signal));
  return new Promise((resolve, reject) => {
    child.on('error', reject);
    child.on('exit', (code) => resolve(code ?? 1));
  });
}
