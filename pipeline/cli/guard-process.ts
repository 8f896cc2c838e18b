import { createRequire } from 'node:module';

/** What errors of standard output call it: those of a stream do not say what was written. */
export const theOutput = 'the output';

/** What shows an error and says what to exit with. */
type Show = (error: unknown) => Promise<number>;

/**
 * Catches what no `try` can: errors outside the command's own flow, output that cannot be written, and a process that
 * ends before its command has. A reader that has seen enough (`| head`) disturbs nothing: the command ends as it would have.
 *
 * @returns to be called when the command has ended or its error is shown: any end of the process is right from then on
 */
export function guardProcess(show: Show, showAtOnce: (error: unknown) => number): () => void {
  let expected = false;
  let idle = false;
  const end = (error: unknown) => {
    expected = true;
    void show(error).then((code) => process.exit(code));
  };
  process.on('uncaughtException', end);
  endWithStarter();
  process.stderr.on('error', () => {});
  process.stdout.on('error', (error: NodeJS.ErrnoException) => {
    if (error.code !== 'EPIPE') end(Object.assign(error, { path: theOutput }));
  });
  process.on('beforeExit', () => {
    idle = true;
  });
  process.on('exit', (code) => {
    // A second Ctrl-C does not wait for the command.
    if (expected || code === interrupted) return;
    process.exitCode = showAtOnce(loadSuddenEnd().suddenEndError(idle ? 'idle' : 'exited'));
  });
  return () => {
    expected = true;
  };
}

/** Whoever was started by bootstrap.js is known by its process: if that is killed, nobody else ends this one. */
function endWithStarter(): void {
  process.once('disconnect', () => process.kill(process.pid, 'SIGTERM'));
  // The listener would keep the process alive.
  process.channel?.unref();
}

/** The exit code of a command that was asked to stop. */
export const interrupted = 130;
const require = createRequire(import.meta.url);

/** When a process ends, nothing can be awaited any more. Before, hardly any command needs it. */
function loadSuddenEnd(): typeof import('../../platform/lib/sudden-end.ts') {
  return require('../../platform/lib/sudden-end.ts');
}
