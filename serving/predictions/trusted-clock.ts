const hourMs = 3_600_000;
const dayMs = 24 * hourMs;

/**
 * A clock by which may be deleted: the given one, but where it is ahead of what is known to have passed, what is known. After a day
 * in which the process ran and it stayed so, it is believed. A clock that is set wrong, and right again, deletes nothing.
 *
 * @param monotonic milliseconds of this process, which no clock sets
 * @returns from a clock, in milliseconds since 1970, to the time that is believed, which is never later. `evidence` is asked once:
 *   the time that has come by what was found; null where nothing was
 * @example
 * const read = createTrustedClock(() => 0);
 * read(Date.UTC(2026, 11, 26), () => Date.UTC(2026, 10, 26)); // Date.UTC(2026, 10, 26)
 */
export function createTrustedClock(
  monotonic: () => number = () => performance.now(),
): (clock: number, evidence: () => number | null) => number {
  let believed: number | undefined;
  let looked = monotonic();
  let agreed = looked;
  return (clock, evidence) => {
    const now = monotonic();
    believed = (believed ?? evidence() ?? clock) + now - looked;
    looked = now;
    if (Math.abs(clock - believed) <= hourMs || now - agreed >= dayMs) {
      believed = clock;
      agreed = now;
    }
    return Math.min(clock, believed);
  };
}

/**
 * The time that has come by the days on which something was written, as `2026-11-26`; null without any. The newest day is no
 * evidence beside others: it may have been written by a clock that was ahead. What was written before it shows that its day ended.
 *
 * @example timeShownBy(['2026-11-25', '2026-11-26', '2026-12-26']) // Date.UTC(2026, 10, 27): the end of the 26th
 */
export function timeShownBy(days: Iterable<string>): number | null {
  const [newest, second = newest] = [...new Set(days)].sort().reverse();
  return second === undefined ? null : Date.parse(second) + dayMs;
}
