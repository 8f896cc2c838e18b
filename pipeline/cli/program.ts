import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Command, type ErrorOptions } from 'commander';
import { printableLines } from '../../platform/lib/printable.ts';
import { repositoryRoot } from './command.ts';
import { commands, type Register } from './commands/index.ts';

/** A command that names a mistyped option beside the required one that is missing for it. */
class CommandLine extends Command {
  #unknown = '';

  override createCommand(name?: string): Command {
    return new CommandLine(name);
  }

  override parseOptions(words: string[]): ReturnType<Command['parseOptions']> {
    const parsed = super.parseOptions(words);
    this.#unknown = parsed.unknown.find((word) => word.startsWith('-')) ?? '';
    return parsed;
  }

  override error(message: string, options?: ErrorOptions): never {
    const isMissing = options?.code === 'commander.missingMandatoryOptionValue';
    const more = isMissing && this.#unknown !== '' ? `; '${this.#unknown}' is unknown` : '';
    return super.error(message + more, options);
  }
}

/**
 * The command line, not yet run: `cli.ts` parses it, the docs are generated from it.
 *
 * @param only the one command to build, which saves loading the others; if there is no command of this name, all are
 *   built
 */
export async function buildProgram(only?: string): Promise<Command> {
  const program = new CommandLine('mainstem')
    .description('Data versions, pipelines and model promotions as git commits.')
    .version(packageVersion(), '-V, --version')
    .exitOverride()
    .configureOutput({ outputError: (text, write) => write(printableLines(text)) })
    .showHelpAfterError('(add --help for what the command takes)')
    .addHelpText('after', exitCodes);
  for (const load of loadersOf(only)) (await load())(program);
  for (const command of program.commands) inheritSettings(command, program);
  return program;
}

function loadersOf(only = ''): readonly (() => Promise<Register>)[] {
  const one = Object.hasOwn(commands, only) ? commands[only] : undefined;
  return one ? [one] : Object.values(commands);
}

const exitCodes =
  '\nExit codes: 0 ok, 1 finding or gate failed, 2 usage, 3 environment, 4 fault of Mainstem, 130 interrupted, 143 ended by SIGTERM.';

function inheritSettings(command: Command, parent: Command): void {
  command.copyInheritedSettings(parent);
  for (const child of command.commands) inheritSettings(child, command);
}

function packageVersion(): string {
  const manifest: { version: string } = JSON.parse(
    readFileSync(join(repositoryRoot(), 'package.json'), 'utf8'),
  );
  return manifest.version;
}
