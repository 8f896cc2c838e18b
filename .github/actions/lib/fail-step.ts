import * as core from '@actions/core';
import { advise } from '../../../platform/lib/advise.ts';
import { MainstemError } from '../../../platform/lib/errors.ts';
import { explainSystemError } from '../../../platform/lib/explain-system-error.ts';
import { renderFault, summariseFault } from '../../../platform/lib/report-fault.ts';
import { explainRefusal } from './explain-refusal.ts';
import { logLines } from './log-lines.ts';
import { repositoryRoot } from './workspace.ts';

/** Fails a step by an error: with its code, message and hint, or as a fault of Mainstem whose details go to the job's log. */
export function failStep(error: unknown): void {
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
