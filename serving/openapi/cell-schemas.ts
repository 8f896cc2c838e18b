import { type TSchema, Type } from 'typebox';
import { missingWords } from '../../platform/lib/missing-words.ts';
import type { TableColumn } from '../../platform/schemas/index.ts';
import { spellCategory } from '../../platform/transforms/index.ts';

/** What JSON may hold for a cell. */
export interface CellSchemas {
  /** Any value that is read. */
  readonly any: TSchema;
  /** One that is not missing: a row needs one. */
  readonly present: TSchema;
}

/** As `parseBoolean` reads them; a test compares. */
const booleanWords = ['true', 'yes', 'y', 't', 'on', '1', 'false', 'no', 'n', 'f', 'off', '0'];
/** The largest that 32 bits hold. */
const largestNumber = 3.4028234663852886e38;

/** Blanks around a text count for nothing. */
const around = (text: string) => `^[ \\t\\n\\r]*(?:${text})[ \\t\\n\\r]*$`;
const decimal = '[+-]?(?:[0-9]{1,30}(?:\\.[0-9]*)?|\\.[0-9]+)(?:[eE](?:\\+?[0-7]|-[0-9]{1,3}))?';
const number = Type.Number({ minimum: -largestNumber, maximum: largestNumber });
const absent = Type.Union([Type.Null(), textOf(missingWords)]);
/** Half of a surrogate pair cannot be sent in UTF-8, and no table holds U+0000 or U+FFFD. */
const cellText = '^[^\\u0000\\uFFFD]*$';

/** The values that a column's cell may have in JSON, as the server reads them. */
export function cellSchemas(column: TableColumn): CellSchemas {
  const present = presentSchema(column);
  if (column.kind !== 'category') return { any: Type.Union([present, absent]), present };
  const text = Type.String({ pattern: cellText });
  return { any: Type.Union([present, text, Type.Null()]), present };
}

function presentSchema(column: TableColumn): TSchema {
  if (column.kind === 'number')
    return Type.Union([number, Type.String({ pattern: around(decimal) })]);
  if (column.kind === 'date')
    return Type.String({ format: 'date', description: 'a date, or a time of that day after it' });
  if (column.kind === 'boolean')
    return Type.Union([Type.Boolean(), Type.Literal(0), Type.Literal(1), textOf(booleanWords)]);
  const known = [true, false].filter((said) =>
    column.values.includes(spellCategory(column.values, said)),
  );
  return Type.Union([
    Type.String({ pattern: '^[^\\u0000\\uFFFD]*[^\\s\\uFEFF\\u0000\\uFFFD][^\\u0000\\uFFFD]*$' }),
    Type.Number(),
    ...known.map((said) => Type.Literal(said)),
  ]);
}

/** A text that is one of some words, in whatever case. */
function textOf(words: readonly string[]): TSchema {
  const letters = (word: string) =>
    word.replaceAll(/./g, (letter) => {
      const upper = letter.toUpperCase();
      if (upper !== letter) return `[${letter}${upper}]`;
      return /[a-z0-9]/i.test(letter) ? letter : `[${letter}]`;
    });
  return Type.String({ pattern: around(words.map(letters).join('|')) });
}
