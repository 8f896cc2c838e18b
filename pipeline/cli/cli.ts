// The command line: reads arguments, runs one command of pipeline/cli/commands, sets the exit code.
// Exit codes: 0 ok · 1 finding or gate failed · 2 usage · 3 environment · 130 interrupted.
//   npx mainstem --help
import { CommanderError } from 'commander';
import { buildProgram } from './program.ts';
import { showError, showUsage } from './show-error.ts';

const json = process.argv.includes('--json');
try {
  await buildProgram().parseAsync();
} catch (error) {
  process.exitCode =
    error instanceof CommanderError ? showUsage(error, json) : showError(error, json);
}
