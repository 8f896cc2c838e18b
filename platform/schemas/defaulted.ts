import {
  type Static,
  type TArray,
  type TObject,
  type TOptional,
  type TSchema,
  Type,
} from 'typebox';

/** Marks a schema whose value may be left out, because the schema holds what it is then. */
interface HasDefault {
  readonly '~hasDefault': true;
}

/**
 * A property that may be left out; it then is `value`. The default stands in the schema and nowhere else.
 *
 * @example
 * Type.Object({ missing: defaulted(Type.Number(), 0.05) })
 */
export function defaulted<Schema extends TSchema>(
  schema: Schema,
  value: unknown,
): TOptional<Schema> & HasDefault {
  // `Optional` copies the schema, so that the one that was passed in stays as it is.
  const optional: unknown = Object.assign(Type.Optional(schema), { default: value });
  // The mark exists in types only: TypeBox has no type for "optional, but has a default".
  return optional as TOptional<Schema> & HasDefault;
}

/** What a person may write for a schema: defaults may be left out, nothing is changed. */
export type Written<Schema extends TSchema> = ReadonlyDeep<Static<Schema>>;

/** The value of a schema once every default is filled in. */
export type Resolved<Schema extends TSchema> =
  Schema extends TObject<infer Properties>
    ? {
        readonly [Key in GivenKeys<Properties>]: Resolved<Properties[Key]>;
      } & {
        readonly [Key in Exclude<keyof Properties, GivenKeys<Properties>>]?: Resolved<
          Properties[Key]
        >;
      }
    : Schema extends TArray<infer Item>
      ? readonly Resolved<Item>[]
      : Schema extends { type: 'object'; patternProperties: Record<string, infer Value> }
        ? Value extends TSchema
          ? Readonly<Record<string, Resolved<Value>>>
          : never
        : ReadonlyDeep<Static<Schema>>;

/** The keys that are always there: required ones and those with a default. */
type GivenKeys<Properties> = {
  [Key in keyof Properties]: Properties[Key] extends HasDefault
    ? Key
    : Properties[Key] extends { '~optional': true }
      ? never
      : Key;
}[keyof Properties];

type ReadonlyDeep<Value> = Value extends (...args: never[]) => unknown
  ? Value
  : Value extends object
    ? { readonly [Key in keyof Value]: ReadonlyDeep<Value[Key]> }
    : Value;
