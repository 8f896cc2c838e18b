import { readFileSync } from 'node:fs';
import { type ParseArgsConfig, parseArgs } from 'node:util';

/**
 * The options of a script that is run by its file. `--help` prints the comment at the head of that file, which says what the
 * script does and takes; so does an option that it does not know, after what is wrong, and either ends the process.
 *
 * @param config as for `parseArgs` of Node
 */
export function parseScript<Config extends ParseArgsConfig>(
  config: Config,
): ReturnType<typeof parseArgs<Config>> {
  if (process.argv.includes('--help')) end(0);
  try {
    return parseArgs(config);
  } catch (error) {
    process.stderr.write(`${firstSentence(error)}\n\n`);
    return end(2);
  }
}

function end(code: number): never {
  (code === 0 ? process.stdout : process.stderr).write(`${headOf(process.argv[1] ?? '')}\n`);
  process.exit(code);
}

/** The first comment of a file, without its marks. */
function headOf(file: string): string {
  const source = readFileSync(file, 'utf8');
  const [, block] = /^\/\*\n([\s\S]*?)\n? *\*\//.exec(source) ?? [];
  const lines = (block ?? /^(?:\/\/.*\n)*/.exec(source)?.[0] ?? '').split('\n');
  return lines
    .map((line) => line.replace(/^(?:\/\/| \*) ?/, ''))
    .join('\n')
    .trim();
}

/** What Node says behind it is about arguments that begin with a dash. */
export function firstSentence(error: unknown): string {
  const text = error instanceof Error ? error.message : String(error);
  return text.replace(/\. .*$/s, '').replace(/\.$/, '');
}
