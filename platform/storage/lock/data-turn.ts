import { normalize } from 'node:path/posix';
import { turnPath, withTurn } from '../../lib/turn.ts';
import type { Workspace } from '../../schemas/index.ts';

/**
 * Runs `work` while nobody else locks, collects or checks out the data at a path: half of it would be recorded, or what
 * one of them writes overwritten by the other.
 *
 * @param path of a dataset, relative to the repository
 * @throws whatever `work` throws; the signal's reason if aborted while waiting
 */
export async function withDataTurn<Result>(
  { root, reporter, signal }: Workspace,
  path: string,
  work: () => Promise<Result>,
): Promise<Result> {
  const name = normalize(path).replace(/\/$/, '');
  const waiting = `Another command is at work on ${path}; waiting for it to finish.`;
  const turn = { path: turnPath(root, 'data', name), waiting, reporter, signal, optional: true };
  return withTurn(turn, work);
}
