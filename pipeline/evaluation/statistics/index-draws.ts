/**
 * Draws of whole numbers below a limit, many times faster than a stream of good random numbers: Marsaglia's xorshift32
 * (Journal of Statistical Software 8, 2003), whose bias is below limit / 2³².
 */
export function createIndexDraws(limit: number, seed: number): () => number {
  let state = seed;
  return () => {
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    return Math.floor(((state >>> 0) / 2 ** 32) * limit);
  };
}
