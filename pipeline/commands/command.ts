import { findPackageJSON } from 'node:module';
import { dirname } from 'node:path';
import { MainstemError } from '../lib/errors.ts';
import { createReporter, type Reporter, silentReporter } from '../lib/reporter.ts';
import type { Workspace } from '../types.ts';

/** Every command that reports something takes `--json`: the same facts, for programs. */
export const jsonOption = ['--json', 'print the result as JSON'] as const;

/** Options that all commands share. */
export interface CommonOptions {
  readonly json?: boolean;
}

/**
 * The workspace of a command: the repository that this file belongs to, a reporter on standard error (silent
 * with `--json`), and a signal that Ctrl-C sets, so that work stops between two whole writes.
 */
export function openWorkspace(options: CommonOptions = {}): Workspace {
  const reporter: Reporter = options.json ? silentReporter : createReporter();
  return { root: repositoryRoot(), reporter, signal: interruptSignal() };
}

/** The folder of the repository that this file belongs to. */
export function repositoryRoot(): string {
  const manifest = findPackageJSON(import.meta.url);
  if (!manifest)
    throw new MainstemError('FILE_UNREADABLE', { path: 'package.json', reason: 'ENOENT' });
  return dirname(manifest);
}

/** Prints a command's result: text for people, or the value as JSON. */
export function printResult(options: CommonOptions, value: unknown, text: string): void {
  process.stdout.write(`${options.json ? JSON.stringify(value, null, 2) : text}\n`);
}

function interruptSignal(): AbortSignal {
  const controller = new AbortController();
  for (const name of ['SIGINT', 'SIGTERM'] as const) {
    process.once(name, () => controller.abort(new MainstemError('INTERRUPTED')));
  }
  return controller.signal;
}
