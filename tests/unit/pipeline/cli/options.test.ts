import { type Command, CommanderError, type Option } from 'commander';
import { describe, expect, test } from 'vitest';
import {
  parseColumn,
  parseDigest,
  parseExpiry,
  parseKeyName,
  parsePast,
  parsePicture,
  parsePort,
  parseRun,
  parseScopes,
  parseServer,
  parseSince,
  parseText,
  parseTexts,
  parseValues,
  parseWords,
  parseYear,
  wholeNumber,
} from '../../../../pipeline/cli/options.ts';
import { buildProgram } from '../../../../pipeline/cli/program.ts';
import { showError } from '../../../../pipeline/cli/show-error.ts';
import { mainstem } from '../../../helpers/mainstem.ts';

/** An option with the words that lead to its command. */
interface Place {
  readonly words: readonly string[];
  readonly option: Option;
}

function placesOf(command: Command, words: readonly string[] = []): Place[] {
  return [
    ...command.options.map((option) => ({ words, option })),
    ...command.commands.flatMap((child) => placesOf(child, [...words, child.name()])),
  ];
}

function silence(command: Command): Command {
  command.configureOutput({ writeErr: () => {} });
  command.commands.forEach(silence);
  return command;
}

/** The exit code that a command line ends with, and what it says; its action must not be reached. */
async function refuse(words: readonly string[]) {
  try {
    await silence(await buildProgram()).parseAsync(words, { from: 'user' });
  } catch (error) {
    if (!(error instanceof CommanderError)) throw error;
    return { exit: showError(error, { root: '/nowhere', args: [] }), message: error.message };
  }
  throw new Error(`${words.join(' ')} was accepted`);
}

const places = placesOf(await buildProgram());
const numeric = places.filter(({ option }) => /<(number|year|days)>$/.test(option.flags));
const wrong = ['abc', '-1', '1.5', '', '1e9', ' 3', '99999999'];
const cases = numeric.flatMap(({ words, option }) =>
  wrong.map((value) => [words.join(' '), option.long ?? '', value] as const),
);

test('these are the options that take a number; one with a number as its default is among them', () => {
  const found = numeric.map(({ words, option }) => `${words.join(' ')} ${option.long}`);
  const expected = [
    'start --port',
    'serve --grpc-port',
    'serve --port',
    'keys add --rate',
    'data show --count',
    'collect --harvest',
    'gc --grace',
    'experiment --seeds',
    'sweep --minutes',
    'sweep --parallel',
    'sweep --trials',
    'compile --parallel',
    'compile --trials',
  ];
  expect(found.toSorted()).toEqual(expected.toSorted());
  const byDefault = places.filter(({ option }) => typeof option.defaultValue === 'number');
  expect(numeric).toEqual(expect.arrayContaining(byDefault));
});

test.each(cases)('%s %s refuses "%s" with exit 2', async (command, option, value) => {
  const { exit, message } = await refuse([...command.split(' '), option, value, 'penguins']);
  expect(exit).toBe(2);
  expect(message).toMatch(new RegExp(`${option}.*is invalid\\. Give a (whole number|year)`));
});

test.for(['', '3', 'null', '[1]', '{"a":', "{'a': 1}"])(
  'values of a trial are a JSON object, not %s',
  async (value) => {
    const { exit, message } = await refuse(['trial', 'penguins', '--values', value]);
    expect(exit).toBe(2);
    expect(message).toContain('Give a JSON object');
    expect(parseValues('{"a": {"b": 1}}')).toEqual({ a: { b: 1 } });
  },
);

test('a process ends with 2 and says what to give', async () => {
  const { code, stderr } = await mainstem(
    process.cwd(),
    ...['data', 'show', 'penguins', '--count', 'abc'],
  );
  expect(code).toBe(2);
  expect(stderr).toContain("'abc' is invalid. Give a whole number from 1 to 10000.");
});

test('a picture that is asked for of a table is refused, and nothing is printed in its place', async () => {
  const words = ['data', 'show', 'penguins', '--out', 'sheet.png'];
  const { code, stdout, stderr } = await mainstem(process.cwd(), ...words);
  expect({ code, stdout }).toEqual({ code: 2, stdout: '' });
  expect(stderr).toContain('--out is for photos');
});

test('every option that takes a value has a parser or choices', () => {
  const bare = places.filter(({ option }) => option.required && !option.parseArg);
  expect(bare.map(({ words, option }) => `${words.join(' ')} ${option.long}`)).toEqual([]);
});

const local = places.filter(
  ({ option }) => /[<[](path|file|folder)[>\]]$/.test(option.flags) && option.long !== '--backbone',
);

test.each(['https://example.org/x.csv', 's3://farm/x.png', ' HTTP://farm/x.html', 'file:///x.png'])(
  'an option that takes a file or folder of this machine refuses the address %s',
  (address) => {
    expect(local.length).toBeGreaterThan(12);
    for (const { option } of local) {
      expect(() => option.parseArg?.(address, undefined), option.flags).toThrow(
        expect.objectContaining({ message: expect.stringContaining('It is an address') }),
      );
      expect(option.parseArg?.('./https:/x.png', undefined), option.flags).toBe('./https:/x.png');
    }
  },
);

const required = places.filter(({ option }) => option.mandatory);

test.each(required.map(({ words, option }) => [words.join(' '), option.long ?? ''] as const))(
  '%s without %s names the option that was typed in its place',
  async (command, option) => {
    const words = [...command.split(' '), 'penguins'];
    const typed = `${option.slice(0, -1)}x`;
    const wrong = await refuse([...words, typed, 'y']);
    expect(wrong.exit).toBe(2);
    expect(wrong.message).toContain(`; '${typed}' is unknown`);
    expect((await refuse(words)).message).not.toContain('is unknown');
  },
);

const placed = places.filter(({ option }) =>
  /[<[](path|address|names?(?:\.\.\.)?|revision|file)[>\]]$/.test(option.flags),
);

test('these are the options that take a path, an address, names or a revision', () => {
  const found = new Set(placed.map(({ option }) => option.long));
  const expected = [
    '--remote',
    '--rev',
    '--base',
    '--branch',
    '--host',
    '--model',
    '--file',
    '--from',
    '--out',
    '--backend',
    '--backbone',
    '--name',
    '--html',
    '--sheet',
    '--corrections',
    '--server',
    '--project',
    '--image',
    '--key',
    '--share',
  ];
  expect([...found].toSorted()).toEqual(expected.toSorted());
});

test.each(
  placed.flatMap(({ words, option }) =>
    ['-', '--help', '-x', '~/x'].map((value) => [words.join(' '), option.long ?? '', value]),
  ),
)('%s %s refuses "%s" with exit 2', async (command = '', option = '', value = '') => {
  const { exit } = await refuse([...command.split(' '), `${option}=${value}`, 'penguins']);
  expect(exit).toBe(2);
});

describe('the parsers', () => {
  test('take several values of one option, and refuse them when one is wrong', () => {
    expect(parseTexts('b', parseTexts('a'))).toEqual(['a', 'b']);
    expect(() => parseTexts('', ['a'])).toThrow(
      expect.objectContaining({ code: 'commander.invalidArgument' }),
    );
  });

  test.each([
    ['a port', parsePort, '0', 0],
    ['the highest port', parsePort, '65535', 65_535],
    ['a whole number', wholeNumber(1, 9), '007', 7],
    ['a year', parseYear, '2027', '2027'],
    ['the first digits of a run', parseRun, '0a9f', '0a9f'],
    ['a date', parsePast, '2026-11-01', '2026-11-01'],
    ['a time', parsePast, '2026-11-01T12:00:00.5+01:00', '2026-11-01T12:00:00.5+01:00'],
    ['since a while', parseSince, '7d', '7d'],
    ['since a day', parseSince, '2026-11-01', '2026-11-01'],
    ['an end in days', parseExpiry, '90d', '90d'],
    ['an end that is a date', parseExpiry, '2999-11-01', '2999-11-01'],
    ['the name of a key', parseKeyName, 'farm-stand.2', 'farm-stand.2'],
    ['a picture', parsePicture, 'a/b.JPG', 'a/b.JPG'],
    ['a server', parseServer, 'https://farm.example/', 'https://farm.example'],
    ['a server below a path', parseServer, 'https://farm.example/api', 'https://farm.example/api'],
    ['a server of this machine', parseServer, 'http://127.0.0.1:8080', 'http://127.0.0.1:8080'],
    ['a text', parseText, ' x', ' x'],
    ['a path with a dash in it', parseText, './--help', './--help'],
    ['a folder that is called ~', parseText, './~', './~'],
    ['a revision', parseText, 'HEAD~1', 'HEAD~1'],
    ['words', parseWords, '- from ~ 1900', '- from ~ 1900'],
    ['a column', parseColumn, '-80C', '-80C'],
    ['a digest', parseDigest, `sha256:${'aB'.repeat(32)}`, `sha256:${'ab'.repeat(32)}`],
    ['the digits of a digest', parseDigest, '0f'.repeat(32), `sha256:${'0f'.repeat(32)}`],
  ])('take %s', (_, parse, text, value) => {
    expect(parse(text)).toBe(value);
  });

  test.each([
    ['a port that is none', parsePort, '65536'],
    ['a year of five digits', parseYear, '20277'],
    ['a run with capitals', parseRun, 'ABC'],
    ['a run of nothing', parseRun, ''],
    ['a run of three digits', parseRun, '0a9'],
    ['a time that is a number', parsePast, '3'],
    ['a day that no month has', parsePast, '2026-11-41'],
    ['a day that its month has not', parsePast, '2026-02-30T00:00:00Z'],
    ['a leap day of another year', parsePast, '2027-02-29'],
    ['a time that has not been', parsePast, '2999-11-01'],
    ['a time before computers counted', parsePast, '1753-03-24'],
    ['since a time that has not been', parseSince, '2999-11-01T00:00:00Z'],
    ['since longer ago than computers counted', parseSince, '99999d'],
    ['since a time that is to come', parseSince, '-3d'],
    ['no days', parseExpiry, '0d'],
    ['an end in months', parseExpiry, '3m'],
    ['an end that has been', parseExpiry, '2020-01-01'],
    ['a name of a key with a blank', parseKeyName, 'farm stand'],
    ['a scope that there is not', parseScopes, 'predict,root'],
    ['no scope', parseScopes, ','],
    ['a picture without extension', parsePicture, 'sheet'],
    ['a server without encryption', parseServer, 'http://farm.example'],
    ['a server with a password', parseServer, 'https://a:b@farm.example'],
    ['a host without a scheme', parseServer, 'farm.example'],
    ['a blank', parseText, ' '],
    ['a dash', parseText, '-'],
    ['an option in the place of a value', parseText, '--help'],
    ['a ~ that the shell left', parseText, '~/x'],
    ['a picture called like an option', parsePicture, '--a.png'],
    ['an option in the place of words', parseWords, '--json'],
    ['a column of blanks', parseColumn, ' '],
    ['a digest that is cut off', parseDigest, `sha256:${'ab'.repeat(31)}`],
    ['a digest of another kind', parseDigest, `sha512:${'ab'.repeat(32)}`],
  ])('refuse %s', (_, parse, text) => {
    expect(() => parse(text)).toThrow(
      expect.objectContaining({ code: 'commander.invalidArgument' }),
    );
  });
});
