import { type DescField, type DescMessage, ScalarType } from '@bufbuild/protobuf';
import { BinaryReader, WireType } from '@bufbuild/protobuf/wire';
import { MainstemError } from '../../platform/lib/errors.ts';

/**
 * Counts the values of a message before it is decoded, up to the limit: each field of each message in it, and each number
 * of a packed list. A megabyte holds a million numbers or empty messages, which take a hundred times as much once decoded.
 *
 * @throws MainstemError REQUEST_TOO_MANY @throws Error for bytes that are no message
 * @example countValues(bytes, ModelInferRequestSchema, 1_000_000) // 7
 */
export function countValues(bytes: Uint8Array, type: DescMessage, most: number): number {
  let values = 0;
  const count = (more: number) => {
    values += more;
    if (values > most) throw new MainstemError('REQUEST_TOO_MANY', { limit: most, unit: 'values' });
  };
  const visit = (part: Uint8Array, { fields }: DescMessage) => {
    const reader = new BinaryReader(part);
    while (reader.pos < reader.len) {
      const [number, wireType] = reader.tag();
      count(1);
      if (wireType !== WireType.LengthDelimited) {
        reader.skip(wireType, number);
        continue;
      }
      const content = reader.bytes();
      const field = fields.find((one) => one.number === number);
      if (field?.message) visit(content, field.message);
      else if (field) count(countPacked(content, field));
    }
  };
  visit(bytes, type);
  return values;
}

/** The numbers of a packed list; 0 for a text or bytes. */
function countPacked(content: Uint8Array, { fieldKind, scalar }: DescField): number {
  if (fieldKind !== 'list' || scalar === ScalarType.STRING || scalar === ScalarType.BYTES) return 0;
  if (scalar === ScalarType.FLOAT) return content.length / 4;
  if (scalar === ScalarType.DOUBLE) return content.length / 8;
  let numbers = 0;
  // The last byte of each has no upper bit.
  for (let at = 0; at < content.length; at++) if ((content[at] ?? 0) < 0x80) numbers += 1;
  return numbers;
}
