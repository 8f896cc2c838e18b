import { crc32 } from 'node:zlib';

/** A ZIP archive of files, stored without compression. */
export function zip(files: readonly (readonly [path: string, bytes: Buffer])[]): Buffer {
  const parts: Buffer[] = [];
  const index: Buffer[] = [];
  let at = 0;
  for (const [path, bytes] of files) {
    const name = Buffer.from(path);
    const fields = commonFields(name, bytes);
    const local = Buffer.concat([word(0x04034b50), fields, name, bytes]);
    const where = Buffer.alloc(14);
    where.writeUInt32LE(at, 10);
    index.push(Buffer.concat([word(0x02014b50), half(20), fields, where, name]));
    parts.push(local);
    at += local.length;
  }
  const directory = Buffer.concat(index);
  const end = [word(0x06054b50), half(0), half(0), half(files.length), half(files.length)];
  return Buffer.concat([...parts, directory, ...end, word(directory.length), word(at), half(0)]);
}

/** Version, flags (names in UTF-8), method, time, date, checksum, sizes, lengths of name and extra field. */
function commonFields(name: Buffer, bytes: Buffer): Buffer {
  const sizes = [word(crc32(bytes)), word(bytes.length), word(bytes.length)];
  const head = [half(20), half(0x0800), half(0), half(0), half(0x21)];
  return Buffer.concat([...head, ...sizes, half(name.length), half(0)]);
}

function word(value: number): Buffer {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32LE(value);
  return bytes;
}

function half(value: number): Buffer {
  const bytes = Buffer.alloc(2);
  bytes.writeUInt16LE(value);
  return bytes;
}
