import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';

/** Ends a process and waits for it; one that has ended already, of itself or by a signal, is not waited for. */
export async function stopProcess(
  child: ChildProcess,
  signal: 'SIGTERM' | 'SIGKILL' = 'SIGTERM',
): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const ended = once(child, 'exit');
  child.kill(signal);
  await ended;
}
