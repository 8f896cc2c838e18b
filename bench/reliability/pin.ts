/**
 * How to start Node so that it runs on one processor only, as if the others were another machine's; Linux's `taskset`
 * sees to it.
 *
 * @param processor from 0; undefined: it runs on all of them.
 */
export function pinTo(processor?: number): {
  readonly execPath: string;
  readonly execArgv: string[];
} {
  if (processor === undefined) return { execPath: process.execPath, execArgv: [] };
  return { execPath: 'taskset', execArgv: ['--cpu-list', String(processor), process.execPath] };
}
