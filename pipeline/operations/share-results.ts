import { MainstemError } from '../../platform/lib/errors.ts';
import type { Digest } from '../../platform/lib/hash.ts';
import { shareStore } from '../../platform/storage/index.ts';
import type { ProjectContext } from '../context.ts';
import type { StageAction } from '../engine/index.ts';
import { openTransfer } from './transfer.ts';

/**
 * The context of a machine that works with others through a remote: results of stages are looked for there, and put there.
 *
 * @param remote address; empty for the one that is configured; undefined to work alone
 * @throws MainstemError REMOTE_UNSET, REMOTE_UNKNOWN
 */
export async function shareResults(
  context: ProjectContext,
  remote: string | undefined,
): Promise<ProjectContext> {
  if (remote === undefined) return context;
  return { ...context, store: shareStore(await openTransfer(context, remote)) };
}

/**
 * Throws if what goes into the work here is not what whoever asked for it has: other code, packages, data, parameters or another
 * backend, so that nobody would find the results.
 *
 * @throws MainstemError JOB_DIFFERS
 */
export function assertRecipe(found: Digest, expected: Digest): void {
  if (found !== expected) throw new MainstemError('JOB_DIFFERS', { expected, found });
}

/** Whether a stage of a plan has no result yet. */
export function isOpen(action: StageAction): boolean {
  return action === 'planned' || action === 'unknown';
}
