import type { FastifyInstance } from 'fastify';
import type { FollowReporter } from '../following/follow-branch.ts';
import { type FollowState, lookOutcomes } from '../following/origin.ts';
import type { Instruments } from './instruments.ts';

type Log = Pick<FastifyInstance['log'], 'info' | 'error'>;

/** True of a server that runs; one that cannot start says the rest only. */
const goesOn = 'What served before goes on, and the server looks again by itself.';

/** Says in metrics and log how it stands with a branch that is followed. What comes before there is a log waits for it. */
export function createFollowReporter(
  instruments: Instruments,
  branch: string,
  log: () => Log | undefined,
): FollowReporter & { flush(): void } {
  for (const outcome of lookOutcomes) instruments.followLooks.inc({ branch, outcome }, 0);
  const waiting: ((log: Log) => void)[] = [];
  const tell = (line: (log: Log) => void) => {
    const ready = log();
    if (ready) line(ready);
    else waiting.push(line);
  };
  return {
    looked: (outcome) => instruments.followLooks.inc({ branch, outcome }),
    failed: ({ code, message, hint }) =>
      tell((log) => log.error({ branch, code, hint }, `${message} ${goesOn}`)),
    recovered: () => tell((log) => log.info({ branch }, 'the branch is followed again')),
    followed: (commit) => tell((log) => log.info({ branch, commit }, 'another commit is followed')),
    flush() {
      for (const line of waiting.splice(0)) tell(line);
    },
  };
}

/** Shows which commit is followed, and since when the branch was not seen. */
export function showFollowing(
  { followInfo, followAge }: Instruments,
  state: FollowState | null,
): void {
  if (!state) return;
  const { branch, commit, age } = state;
  followInfo.reset();
  if (commit) followInfo.set({ branch, commit }, 1);
  followAge.set({ branch }, age);
}
