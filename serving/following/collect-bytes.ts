import type { Readable } from 'node:stream';

/** Collects what a stream gives; calls `onTooMuch` where that is more than anybody keeps. @returns what has come so far */
export function collectBytes(stream: Readable, most: number, onTooMuch: () => void): () => Buffer {
  const chunks: Buffer[] = [];
  let size = 0;
  stream.on('data', (chunk: Buffer) => {
    size += chunk.length;
    if (size <= most) chunks.push(chunk);
    else onTooMuch();
  });
  return () => Buffer.concat(chunks);
}
