import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { expect } from 'vitest';
import {
  escapeName,
  findNameFault,
  findPortabilityFault,
  readNames,
} from '../../../../platform/lib/file-names.ts';
import { test } from '../../../helpers/folder.ts';

const bytesOf = (text: string) => Buffer.from(text, 'latin1');

/** Writes an empty file whose name is any bytes. */
function write(folder: string, name: Buffer): void {
  writeFileSync(Buffer.concat([Buffer.from(`${folder}/`), name]), '');
}

test('a name that is not UTF-8 is an error that shows its bytes', ({ folder }) => {
  write(folder, bytesOf('caf\xe9.jpg'));
  write(folder, Buffer.from('café.jpg'));
  expect(() => readNames(folder, 'data/round')).toThrow(
    'data/round: the name "caf\\xe9.jpg" is not valid UTF-8.',
  );
});

test('the error counts further names of the kind in the folder', ({ folder }) => {
  for (const name of ['\xe9', '\xe8', '\xfc']) write(folder, bytesOf(name));
  expect(() => readNames(folder, 'x')).toThrow(/is not valid UTF-8, as 2 others here\./);
});

test('names at fault for other reasons are counted apart, and the advice is for the first', ({
  folder,
}) => {
  const errorOf = () => {
    try {
      return readNames(folder, 'x');
    } catch (error) {
      return error;
    }
  };
  for (const name of ['1\n.jpg', '2\n.jpg', '3\t.jpg', 'z\xff.jpg']) write(folder, bytesOf(name));
  expect(errorOf()).toMatchObject({
    message: expect.stringMatching(
      /"1\\x0a.jpg" has a line break, as 1 other here; 1 other has a control character; 1 other is not valid UTF-8\.$/,
    ),
    hint: 'Rename it and run the command again.',
  });
  for (const name of ['0\xfe.jpg', '1\xfe.jpg']) write(folder, bytesOf(name));
  expect(errorOf()).toMatchObject({
    message: expect.stringContaining(
      'is not valid UTF-8, as 2 others here; 2 others have a line break; 1 other has a control',
    ),
    hint: 'Rename it ("convmv -f latin1 -t utf8" renames many) and run the command again.',
  });
});

test('a line break or a control character is an error that shows it', ({ folder }) => {
  mkdirSync(join(folder, 'a'));
  mkdirSync(join(folder, 'b'));
  write(join(folder, 'a'), bytesOf('1\n2.jpg'));
  write(join(folder, 'b'), bytesOf('1\x1b[2J.jpg'));
  expect(() => readNames(join(folder, 'a'), 'a')).toThrow('"1\\x0a2.jpg" has a line break');
  expect(() => readNames(join(folder, 'b'), 'b')).toThrow('"1\\x1b[2J.jpg" has a control');
});

test('a hidden name may be anything, and the replacement character is a letter like others', ({
  folder,
}) => {
  write(folder, bytesOf('.caf\xe9'));
  write(folder, Buffer.from('a\ufffdb'));
  expect(readNames(folder, 'x')).toContain('a\ufffdb');
});

test('an escaped name is what it was where it is text, and is one line in any case', () => {
  fc.assert(
    fc.property(fc.uint8Array({ minLength: 1, maxLength: 40 }), (bytes) => {
      expect(findNameFault(escapeName(bytes))).toBeUndefined();
    }),
  );
  fc.assert(
    fc.property(fc.string({ unit: 'grapheme' }), (text) => {
      fc.pre(!/\p{Cc}/u.test(text));
      expect(escapeName(Buffer.from(text))).toBe(`"${text}"`);
    }),
  );
});

test('names that Windows cannot hold are recognized', () => {
  const faulty = ['CON', 'aux.jpg', 'lpt1.tar.gz', 'a.', 'a ', 'a:b', 'a\\b', 'what?.jpg'];
  const fine = ['console.jpg', 'auxiliary', 'com10', 'a.b', 'café', '.a', 'a b'];
  expect(faulty.filter((name) => !findPortabilityFault(name))).toEqual([]);
  expect(fine.filter(findPortabilityFault)).toEqual([]);
});
