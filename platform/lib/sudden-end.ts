import { MainstemError } from './errors.ts';
import { explainSuddenEnd, type SuddenEnd } from './project-code.ts';

/**
 * The error for a process that ended before its work had: of the project whose code was running, or of Mainstem.
 *
 * @param end 'idle' if nothing was left that could have continued the work, 'exited' if something ended the process
 */
export function suddenEndError(end: SuddenEnd): MainstemError {
  const reason =
    end === 'idle' ? 'it waited for something that never comes' : 'something ended the process';
  return explainSuddenEnd(end) ?? new MainstemError('ENDED_EARLY', { reason });
}
