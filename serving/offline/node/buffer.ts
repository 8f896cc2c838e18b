/* What the code that reads the headers of photos uses of Node's Buffer, for a browser: the bundler puts it in its place. */

/** Bytes with Node's methods to read numbers and text; each throws a RangeError past the end. */
class Bytes extends Uint8Array<ArrayBuffer> {
  #view(): DataView {
    return new DataView(this.buffer, this.byteOffset, this.byteLength);
  }

  override subarray(start?: number, end?: number): Bytes {
    const { buffer, byteOffset, byteLength } = super.subarray(start, end);
    return new Bytes(buffer, byteOffset, byteLength);
  }

  readUInt8(at: number): number {
    return this.#view().getUint8(at);
  }

  readUInt16BE(at: number): number {
    return this.#view().getUint16(at);
  }

  readUInt16LE(at: number): number {
    return this.#view().getUint16(at, true);
  }

  readUInt32BE(at: number): number {
    return this.#view().getUint32(at);
  }

  readUInt32LE(at: number): number {
    return this.#view().getUint32(at, true);
  }

  readUIntLE(at: number, length: number): number {
    let value = 0;
    for (let byte = length - 1; byte >= 0; byte--) value = value * 256 + this.readUInt8(at + byte);
    return value;
  }

  /** Latin-1, whatever is asked: nothing else is. */
  override toString(_encoding?: string, start = 0, end = this.length): string {
    let text = '';
    for (const byte of this.subarray(start, end)) text += String.fromCharCode(byte);
    return text;
  }

  override indexOf(wanted: number | string, from = 0, encoding = 'latin1'): number {
    const bytes = bytesOf(wanted, encoding);
    for (let at = Math.max(0, from); at + bytes.length <= this.length; at++) {
      if (this.#holds(bytes, at)) return at;
    }
    return -1;
  }

  override lastIndexOf(wanted: number | string, from = this.length, encoding = 'latin1'): number {
    const bytes = bytesOf(wanted, encoding);
    for (let at = Math.min(from, this.length - bytes.length); at >= 0; at--) {
      if (this.#holds(bytes, at)) return at;
    }
    return -1;
  }

  override includes(wanted: number | string, from = 0, encoding = 'latin1'): boolean {
    return this.indexOf(wanted, from, encoding) >= 0;
  }

  #holds(bytes: readonly number[], at: number): boolean {
    return bytes.every((byte, index) => this[at + index] === byte);
  }
}

function bytesOf(wanted: number | string, encoding: string): readonly number[] {
  if (typeof wanted === 'number') return [wanted];
  if (encoding === 'hex')
    return (wanted.match(/../g) ?? []).map((pair) => Number.parseInt(pair, 16));
  return Array.from(wanted, (letter) => letter.charCodeAt(0));
}

/** Makes a view of bytes; unlike Node's it never copies, which nobody notices who only reads. */
export const Buffer = {
  from(source: Uint8Array<ArrayBuffer> | ArrayBuffer, offset = 0, length?: number): Bytes {
    if (source instanceof ArrayBuffer) return new Bytes(source, offset, length);
    return new Bytes(source.buffer, source.byteOffset, source.byteLength);
  },
};
