/**
 * Catches what no `try` can: errors outside the command's own flow, and output that cannot be written. A reader that has
 * seen enough (`| head`) disturbs nothing: the command ends as it would have.
 *
 * @param show shows an error and says what to exit with
 */
export function guardProcess(show: (error: unknown) => Promise<number>): void {
  const end = (error: unknown) => void show(error).then((code) => process.exit(code));
  process.on('uncaughtException', end);
  process.stderr.on('error', () => {});
  process.stdout.on('error', (error: NodeJS.ErrnoException) => {
    // The error of a stream does not say what was written.
    if (error.code !== 'EPIPE') end(Object.assign(error, { path: 'the output' }));
  });
}
