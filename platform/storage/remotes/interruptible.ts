import type { Remote } from './remote.ts';

/** What is being sent or written may end by itself within this time. */
const graceMs = 1000;

/**
 * A remote of which no operation outlives the signal for long, whatever a server does or does not do.
 *
 * @throws the signal's reason, from every operation
 */
export function interruptible(remote: Remote, signal: AbortSignal): Remote {
  const { promise: end, reject } = Promise.withResolvers<never>();
  // Where nothing runs when the signal comes, nobody waits for this.
  end.catch(() => undefined);
  const stop = () => setTimeout(reject, graceMs, signal.reason);
  if (signal.aborted) stop();
  else signal.addEventListener('abort', stop, { once: true });
  const until = <Result>(work: Promise<Result>) => Promise.race([work, end]);
  return {
    address: remote.address,
    assertThere: () => until(remote.assertThere()),
    list: (prefix) => until(remote.list(prefix)),
    upload: (key, file) => until(remote.upload(key, file)),
    download: (...asked) => until(remote.download(...asked)),
    remove: (key) => until(remote.remove(key)),
    ...(remote.describe && {
      describe: (collection) => until(remote.describe?.(collection) ?? Promise.resolve()),
    }),
    ...(remote.sweep && {
      sweep: (options) => until(remote.sweep?.(options) ?? Promise.resolve([])),
    }),
  };
}
