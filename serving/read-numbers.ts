import type { TObject } from 'typebox';

/** A whole number, or one with decimals. */
const forms: ReadonlyMap<unknown, RegExp> = new Map([
  ['integer', /^\d+$/],
  ['number', /^(?:\d+(?:\.\d*)?|\.\d+)$/],
]);

/**
 * Settings whose numbers were texts as numbers. A text that is not one in plain digits stays a text, for the schema to refuse: JavaScript
 * reads `0x10`, `1e3` and `true` as numbers, too, and who wrote them may have meant something else.
 *
 * @example readNumbers(Type.Object({ port: Type.Integer() }), { port: '8081' }) // { port: 8081 }
 */
export function readNumbers(
  { properties }: TObject,
  settings: Readonly<Record<string, unknown>>,
): Record<string, unknown> {
  const entries = Object.entries(settings).map(([name, value]) => {
    const type: unknown = Reflect.get(Object(properties[name]), 'type');
    const isNumber = typeof value === 'string' && forms.get(type)?.test(value);
    return [name, isNumber ? Number(value) : value] as const;
  });
  return Object.fromEntries(entries);
}
