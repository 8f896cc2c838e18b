import { spawn } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import * as core from '@actions/core';
import { isMainstemError } from '../../../platform/lib/errors.ts';
import { repositoryRoot } from './workspace.ts';

/**
 * Runs an action's main function: an error becomes a failed step with code, message and hint. The runner starts
 * actions on its own Node; this hands over to the pinned one, so that a result does not depend on the runner's release.
 */
export async function runAction(main: () => Promise<void>): Promise<void> {
  const pinned = pinnedNode();
  if (pinned !== null) {
    process.exitCode = await runOn(pinned);
    return;
  }
  try {
    await main();
  } catch (error) {
    if (isMainstemError(error)) core.setFailed(`${error.code} ${error.message} ${error.hint}`);
    else core.setFailed(error instanceof Error ? error : String(error));
  }
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
