import type { Digest } from '../../lib/hash.ts';

const start = 'sha256:'.length;
/** The value of a hex digit, by its character code. */
const digits = Uint8Array.from(
  { length: 103 },
  (_, code) => Number.parseInt(String.fromCharCode(code), 16) || 0,
);

/** Writes a digest's 32 bytes. A loop: `Buffer.write` of so few takes ten times as long to begin. */
export function writeDigest(digest: Digest, target: Uint8Array, offset: number): void {
  for (let at = 0; at < 32; at++) target[offset + at] = byteAt(digest, at);
}

function byteAt(digest: Digest, at: number): number {
  const high = digits[digest.charCodeAt(start + at * 2)] ?? 0;
  return high * 16 + (digits[digest.charCodeAt(start + at * 2 + 1)] ?? 0);
}
