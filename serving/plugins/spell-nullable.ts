/**
 * A schema whose `anyOf` of one type and null is spelled `nullable`, which the serializer writes by itself. For any other `anyOf` it has
 * a validator compiled, by the first answer, and asks it for each.
 *
 * @example spellNullable({ anyOf: [{ type: 'string' }, { type: 'null' }] }) // { type: 'string', nullable: true }
 */
export function spellNullable(schema: unknown): unknown {
  if (typeof schema !== 'object' || schema === null) return schema;
  if (Array.isArray(schema)) return schema.map(spellNullable);
  const { anyOf, ...others } = Object.fromEntries(
    Object.entries(schema).map(([key, part]) => [key, spellNullable(part)]),
  );
  if (anyOf === undefined) return others;
  const plain = plainOf(anyOf);
  return plain ? { ...others, ...plain, nullable: true } : { ...others, anyOf };
}

/** The one schema that stands beside null, where it is of one type. A constant has a serializer of its own, which knows no null. */
function plainOf(anyOf: unknown): object | null {
  if (!Array.isArray(anyOf) || anyOf.length !== 2) return null;
  const [plain, ...more] = anyOf.filter(({ type }) => type !== 'null');
  const isPlain = typeof plain?.type === 'string' && !('const' in plain);
  return isPlain && more.length === 0 ? plain : null;
}
