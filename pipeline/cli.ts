// The command line: reads arguments, runs one command of pipeline/commands, sets the exit code.
// Exit codes: 0 ok · 1 finding or gate failed · 2 usage · 3 environment.
//   npx mainstem --help
import { CommanderError } from 'commander';
import { buildProgram } from './commands/program.ts';
import { showError } from './commands/show-error.ts';

try {
  await buildProgram().parseAsync();
} catch (error) {
  if (error instanceof CommanderError) process.exitCode = error.exitCode === 0 ? 0 : 2;
  else process.exitCode = showError(error, process.argv.includes('--json'));
}
