import * as core from '@actions/core';
import { isMainstemError } from '../../../platform/lib/errors.ts';

/** Runs an action's main function: an error becomes a failed step with code, message and hint. */
export async function runAction(main: () => Promise<void>): Promise<void> {
  try {
    await main();
  } catch (error) {
    if (isMainstemError(error)) core.setFailed(`${error.code} ${error.message} ${error.hint}`);
    else core.setFailed(error instanceof Error ? error : String(error));
  }
}
