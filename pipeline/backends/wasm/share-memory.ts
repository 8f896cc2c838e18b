const memorySection = 5;
const importSection = 2;
const memoryKind = 2;
/** Flag of a memory with a maximum, and of one that is also shared between threads. */
const bounded = 1;
const shared = 3;

/**
 * A WebAssembly module whose memory is shared between threads, and which is otherwise the same: its instructions, and so its
 * bits, do not know of it.
 *
 * @param bytes of a module that defines or imports one memory, with a maximum
 * @throws Error if it has none
 */
export function shareMemory(bytes: Uint8Array): Uint8Array<ArrayBuffer> {
  const copy = Uint8Array.from(bytes);
  const at = findMemory(copy);
  if (at === null || copy[at] !== bounded)
    throw new Error('the module has no memory with a maximum');
  copy[at] = shared;
  return copy;
}

/** Where the flag of the memory is: https://webassembly.github.io/spec/core/binary/modules.html */
function findMemory(bytes: Uint8Array): number | null {
  for (let at = 8; at < bytes.length; ) {
    const section = bytes[at];
    const [size, start] = readNumber(bytes, at + 1);
    // One number, the count of memories, comes before the first.
    if (section === memorySection) return readNumber(bytes, start)[1];
    const found = section === importSection ? findImport(bytes, start) : null;
    if (found !== null) return found;
    at = start + size;
  }
  return null;
}

/** The flag of a memory that is the only import. */
function findImport(bytes: Uint8Array, start: number): number | null {
  const [count, first] = readNumber(bytes, start);
  if (count !== 1) return null;
  const field = skipName(bytes, first);
  const kind = skipName(bytes, field);
  return bytes[kind] === memoryKind ? kind + 1 : null;
}

function skipName(bytes: Uint8Array, at: number): number {
  const [length, start] = readNumber(bytes, at);
  return start + length;
}

/** An unsigned number in LEB128, and where it ends. */
function readNumber(bytes: Uint8Array, start: number): [value: number, end: number] {
  let value = 0;
  for (let at = start, shift = 0; ; at++, shift += 7) {
    const byte = bytes[at] ?? 0;
    value += (byte & 0x7f) * 2 ** shift;
    if (byte < 0x80) return [value, at + 1];
  }
}
