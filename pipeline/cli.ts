// The command line: reads arguments, runs one command of pipeline/commands, sets the exit code.
// Exit codes: 0 ok · 1 finding or gate failed · 2 usage · 3 environment.
//   npx mainstem --help
import { Command, CommanderError } from 'commander';
import { commands } from './commands/index.ts';
import { showError } from './commands/show-error.ts';

const program = new Command('mainstem')
  .description('Data versions, pipelines and model promotions as git commits.')
  .exitOverride()
  .showHelpAfterError('(add --help for what the command takes)')
  .configureHelp({ sortSubcommands: false });

for (const register of commands) register(program);

try {
  await program.parseAsync();
} catch (error) {
  if (error instanceof CommanderError) process.exitCode = error.exitCode === 0 ? 0 : 2;
  else process.exitCode = showError(error, process.argv.includes('--json'));
}
