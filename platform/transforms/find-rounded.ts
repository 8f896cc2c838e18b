const whole = /^[+-]?\d+$/;

/**
 * Finds whole numbers that no computer number can tell apart from others of the same column: beyond 2^53 only some of them
 * exist. They are identifiers, mostly.
 *
 * @param texts the different cells of a column
 * @returns those of which another one is the same number, in their order
 * @example findRounded(['9007199254740993', '9007199254740992', '7']) // ['9007199254740993', '9007199254740992']
 */
export function findRounded(texts: readonly string[]): string[] {
  const large = texts.filter((text) => {
    const cell = text.trim();
    return whole.test(cell) && !Number.isSafeInteger(Number(cell));
  });
  const exact = Map.groupBy(large, (text) => Number(text.trim()));
  return large.filter((text) => {
    const alike = exact.get(Number(text.trim())) ?? [];
    return alike.some((other) => BigInt(other.trim()) !== BigInt(text.trim()));
  });
}
