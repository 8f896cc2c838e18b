import type { Readable } from 'node:stream';

/** Enough for whatever a program says that has an end. */
const mostBytes = 64 * 1024 * 1024;

/** What a program has said so far. */
export interface Collected {
  bytes(): Buffer;
  /** The same, read as UTF-8. */
  text(): string;
  /** Whether it said more than anybody keeps. */
  readonly tooMuch: boolean;
}

/**
 * Collects what a program says, as far as it fits into memory.
 *
 * @param onTooMuch called once when it does not, to end the program; nothing more is kept then
 */
export function collectOutput(
  stream: Readable,
  onTooMuch: () => void,
  most: number = mostBytes,
): Collected {
  const chunks: Buffer[] = [];
  let size = 0;
  let tooMuch = false;
  stream.on('data', (chunk: Buffer) => {
    if (tooMuch) return;
    size += chunk.length;
    tooMuch = size > most;
    if (tooMuch) onTooMuch();
    else chunks.push(chunk);
  });
  const bytes = () => Buffer.concat(chunks);
  return {
    bytes,
    text: () => bytes().toString('utf8'),
    get tooMuch() {
      return tooMuch;
    },
  };
}
