import * as core from '@actions/core';
import { MainstemError } from '../../../platform/lib/errors.ts';
import { explainSystemError } from '../../../platform/lib/explain-system-error.ts';
import { renderFault, summariseFault } from '../../../platform/lib/report-fault.ts';
import { logLines } from './log-lines.ts';
import { repositoryRoot } from './workspace.ts';

/**
 * Runs an action's main function: an error becomes a failed step with code, message and hint. The details of one that
 * nobody expected go to the job's log.
 */
export async function runAction(main: () => Promise<void>): Promise<void> {
  process.on('uncaughtException', (error) => {
    fail(error);
    process.exit(1);
  });
  await main().catch(fail);
}

function fail(error: unknown): void {
  const explained = explainSystemError(error, repositoryRoot) ?? explainAction(error);
  if (explained) {
    const { code, message, hint } = explained;
    core.setFailed(`${code} ${message} ${hint}`);
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
  const reason = error.message;
  if (error.name === 'HttpError')
    return new MainstemError('GITHUB_FAILED', { reason }, { cause: error });
  const input = /^Input required and not supplied: (.+)$/.exec(reason)?.[1];
  if (input === undefined) return null;
  const details = { input, value: 'missing', allowed: 'given' };
  return new MainstemError('INPUT_INVALID', details, { cause: error });
}

/** For example `['action', 'train']`. */
function actionName(): string[] {
  return ['action', process.argv[1]?.split(/[/\\]/).at(-2) ?? ''];
}
