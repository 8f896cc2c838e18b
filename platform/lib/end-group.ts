import type { ChildProcess } from 'node:child_process';

/** Ends a process that leads a group (`detached`), and all that it has started. One that has ended meanwhile is no matter. */
export function endGroup({ pid }: Pick<ChildProcess, 'pid'>): void {
  if (pid === undefined) return;
  try {
    process.kill(-pid, 'SIGKILL');
  } catch {
    // It has ended meanwhile.
  }
}
