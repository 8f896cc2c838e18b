import { type TObjectOptions, type TSchema, Type } from 'typebox';

/**
 * A schema for objects whose keys are other people's words. `Type.Record(Type.String(), …)` passes over keys with a line
 * break: their values are neither checked nor given their defaults.
 *
 * @example Check(dictionary(Type.Integer()), { 'a\nb': 'no number' }) // false
 */
export function dictionary<Value extends TSchema>(value: Value, options: TObjectOptions = {}) {
  return Type.Record(Type.String({ pattern: '^[\\s\\S]*$' }), value, options);
}
