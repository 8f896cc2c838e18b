// The command line: reads arguments, runs one command of pipeline/cli/commands, sets the exit code.
// Exit codes: 0 ok · 1 finding or gate failed · 2 usage · 3 environment · 130 interrupted.
//   npx mainstem --help
import { join } from 'node:path';
import { watchLoading } from './loaded-modules.ts';

const root = join(import.meta.dirname, '../..');
const args = process.argv.slice(2);
// Whatever is imported below is noted: a remembered answer is valid only while these modules stay the same.
watchLoading(root, [import.meta.filename]);
const { questionOf, recall } = await import('./recall.js');
const question = questionOf(args);
// bootstrap.js has looked already; but if it runs on another Node, it could not parse the files that were touched.
const answer =
  question && (await recall(root, question, { node: process.execPath, canParse: true }));
if (answer === null) await runCommand(args.includes('--json'));
else process.stdout.write(`${answer}\n`);

async function runCommand(json: boolean): Promise<void> {
  const { CommanderError } = await import('commander');
  const { buildProgram } = await import('./program.ts');
  try {
    await (await buildProgram(args[0])).parseAsync();
  } catch (error) {
    const { showError, showUsage } = await import('./show-error.ts');
    process.exitCode =
      error instanceof CommanderError ? showUsage(error, json) : showError(error, json);
  }
}
