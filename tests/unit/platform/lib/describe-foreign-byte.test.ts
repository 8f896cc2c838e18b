import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { describeForeignByte } from '../../../../platform/lib/describe-foreign-byte.ts';

/** Writes text in an encoding of one byte a character. */
function encode(text: string, encoding: string): Buffer {
  const decoder = new TextDecoder(encoding);
  const bytes = new Map(
    Array.from({ length: 256 }, (_, byte) => [decoder.decode(Buffer.from([byte])), byte]),
  );
  return Buffer.from([...text].map((letter) => bytes.get(letter) ?? 0x3f));
}

function describeText(text: string, encoding: string): string {
  const bytes = encode(text, encoding);
  return describeForeignByte(
    bytes,
    bytes.findIndex((byte) => byte > 0x7f),
  );
}

const turkish = 'ad,semt\nAyşe,Beşiktaş\nİrem,Kadıköy\nUğur,Üsküdar\n';
const polish = 'miasto,x\nŁódź,1\nGdańsk,2\nŚwiętochłowice,1\nZażółć gęślą,2\n';
const russian = 'город,x\nМосква,1\nСанкт-Петербург,2\n';

describe('a byte that is not UTF-8', () => {
  test.each([
    ['Turkish', turkish, 'windows-1254', 'Ayşe', 'WINDOWS-1252'],
    ['Polish of Windows', polish, 'windows-1250', 'Łódź', 'WINDOWS-1252'],
    ['Polish of Unix', polish, 'iso-8859-2', 'Łódź', 'WINDOWS-1250'],
    ['Russian', russian, 'windows-1251', 'город', 'WINDOWS-1252'],
    ['Russian of Unix', russian, 'koi8-r', 'город', 'WINDOWS-1255'],
    ['Greek', 'πόλη,x\nΑθήνα,1\n', 'windows-1253', 'πόλη', 'WINDOWS-1252'],
    ['Latvian', 'vārds,x\nšķērslis,1\n', 'windows-1257', 'vārds šķērslis', 'WINDOWS-1250'],
    ['German', 'name,ort\nMüller,Köln\nGroß,Ulm\n', 'windows-1252', 'Müller Köln', 'WINDOWS-1256'],
  ])('of a %s file is shown as its own encoding reads it, beside others', (...one) => {
    const [, text, encoding, right, other] = one;
    const said = describeText(text, encoding);
    expect(said).toContain(`${right}" as ${encoding.toUpperCase()}`);
    expect(said).toContain(`" as ${other}`);
    expect(said).toMatch(/iconv -f <encoding> -t UTF-8 with the encoding in which it reads right$/);
  });

  test('is named', () => {
    expect(describeText(turkish, 'windows-1254')).toMatch(/^the byte 0xFE is not UTF-8; /);
  });

  test('in a file of UTF-8 is one to correct, as a conversion would spoil the others', () => {
    const bytes = Buffer.concat([Buffer.from('Müller,1\nGrün,2\nf'), Buffer.from([0xfc])]);
    const said = describeForeignByte(bytes, bytes.length - 1);
    expect(said).toMatch(/^the byte 0xFC is not UTF-8, unlike other letters .* correct this cell/);
    expect(said).not.toContain('iconv');
  });

  test('of which no listed encoding has a character gets no reading', () => {
    const every = Buffer.from(Array.from({ length: 128 }, (_, index) => 0x80 + index).reverse());
    expect(describeForeignByte(every, 0)).toContain('as KOI8-R');
    expect(describeForeignByte(every, 0)).not.toContain('as WINDOWS-1257');
  });

  test('is shown with what the readings of the whole file differ by, wherever that stands', () => {
    const letters = fc.string({ unit: fc.constantFrom('ü', 'ö', 'ä', 'a', ',', '\n') });
    fc.assert(
      fc.property(letters, letters, (before, after) => {
        const said = describeText(`ü${before},ş,${after}`, 'windows-1254');
        expect(said).toMatch(/ş" as WINDOWS-1254/);
        expect(said).toMatch(/þ" as WINDOWS-1252/);
      }),
    );
  });
});
