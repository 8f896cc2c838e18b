/**
 * Reads the body of an answer that must fit into memory.
 *
 * @param most bytes
 * @returns null if there are more; the rest is not read then
 */
export async function readLimited(answer: Response, most: number): Promise<Uint8Array | null> {
  const parts: Uint8Array[] = [];
  let size = 0;
  for await (const part of answer.body ?? []) {
    size += part.length;
    // Leaving the loop ends the transfer.
    if (size > most) return null;
    parts.push(part);
  }
  return Buffer.concat(parts);
}
