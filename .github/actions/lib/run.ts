import { spawn } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import * as core from '@actions/core';
import { advise } from '../../../platform/lib/advise.ts';
import { MainstemError } from '../../../platform/lib/errors.ts';
import { explainSystemError } from '../../../platform/lib/explain-system-error.ts';
import { renderFault, summariseFault } from '../../../platform/lib/report-fault.ts';
import { suddenEndError } from '../../../platform/lib/sudden-end.ts';
import { explainRefusal } from './explain-refusal.ts';
import { logLines } from './log-lines.ts';
import { repositoryRoot } from './workspace.ts';

/**
 * Runs an action's main function: an error becomes a failed step with code, message and hint; the
 * details of one that nobody expected go to the job's log. The runner starts
 * actions on its own Node; this hands over to the pinned one, so that a result does not depend on the runner's release.
 */
export async function runAction(main: () => Promise<void>): Promise<void> {
  const ended = guardAction();
  const pinned = pinnedNode();
  if (pinned === null) await main().catch(fail);
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
    fail(error);
    process.exit(1);
  });
  process.on('beforeExit', () => {
    idle = true;
  });
  process.on('exit', () => {
    if (!expected) fail(suddenEndError(idle ? 'idle' : 'exited'));
  });
  return () => {
    expected = true;
  };
}

function fail(error: unknown): void {
  const explained = explainSystemError(error, repositoryRoot) ?? explainAction(error);
  if (explained) {
    const { code, message } = explained;
    core.setFailed(`${code} ${message} ${advise(explained, repositoryRoot)}`);
    return;
  }
  core.info(logLines(renderFault(error, { root: repositoryRoot, args: actionName() })));
  core.setFailed(
    `UNEXPECTED Mainstem failed in a way that it should not: ${summariseFault(error)}. ` +
      "This is a fault of Mainstem, not yours. Details are in this job's log: please report it with them.",
  );
}

/** What GitHub answers, and what its library says of an input that is missing. */
function explainAction(error: unknown): MainstemError | null {
  if (!(error instanceof Error)) return null;
  const refusal = explainRefusal(error);
  if (refusal) return refusal;
  const missing = /^Input required and not supplied: (.+)$|requires a (GITHUB_\w+) environment/;
  const [, input, variable] = missing.exec(error.message) ?? [];
  if (input === undefined && variable === undefined) return null;
  const details = { input: input ?? variable, value: 'missing', allowed: 'given' };
  return new MainstemError('INPUT_INVALID', details, { cause: error });
}

/** For example `['action', 'train']`. */
function actionName(): string[] {
  return ['action', process.argv[1]?.split(/[/\\]/).at(-2) ?? ''];
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
