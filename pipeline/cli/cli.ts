// The command line: reads arguments, runs one command of pipeline/cli/commands, sets the exit code.
// Exit codes: 0 ok · 1 finding or gate failed · 2 usage · 3 environment · 4 fault of Mainstem · 130 interrupted · 143 ended by SIGTERM.
//   npx mainstem --help
import { Console } from 'node:console';
import { createRequire } from 'node:module';
import { join } from 'node:path';

const root = join(import.meta.dirname, '../..');
const args = process.argv.slice(2);
const require = createRequire(import.meta.url);
// Not at the top: where one of their files is gone, that is said in words.
const [{ guardProcess, interrupted }, { watchLoading }] = await Promise.all([
  import('./guard-process.ts'),
  import('./loaded-modules.ts'),
]).catch(endUnloaded);
const ended = guardProcess(show, showAtOnce);
// Whatever is imported below is noted: a remembered answer is valid only while these modules stay the same.
watchLoading(root, [import.meta.filename, join(import.meta.dirname, 'guard-process.ts')]);
// Not by an `await` here: Node would warn about it, with a place in this file, if a project's code never settles.
void answerOrRun()
  .catch(async (error: unknown) => {
    process.exitCode = await show(error);
  })
  .finally(() => {
    ended();
    // What was interrupted may have left something running, such as the `collect` of a project.
    if (process.exitCode === interrupted) process.exit();
  });

async function answerOrRun(): Promise<void> {
  const { questionOf, recall } = await import('./recall.js');
  const question = questionOf(args);
  // bootstrap.js has looked already; but if it runs on another Node, it could not parse the files that were touched.
  const answer =
    question && (await recall(root, question, { node: process.execPath, canParse: true }));
  if (answer === null) return runCommand();
  process.stdout.write(`${answer}\n`);
}

async function runCommand(): Promise<void> {
  // What a project's code prints must not end up in a result.
  globalThis.console = new Console(process.stderr);
  const { buildProgram } = await import('./program.ts');
  await (await buildProgram(args[0])).parseAsync();
}

/** Shows an error and returns the exit code, even where the modules that show errors cannot be loaded. */
async function show(error: unknown): Promise<number> {
  try {
    const { showError } = await import('./show-error.ts');
    return showError(error, { root, args });
  } catch (second) {
    return showUnloaded(second);
  }
}

function showUnloaded(error: unknown): number {
  process.stderr.write(`UNEXPECTED Mainstem cannot be loaded: ${error}\n`);
  process.stderr.write('  Restore its files from git ("git status" shows what changed).\n');
  return 3;
}

function endUnloaded(error: unknown): never {
  process.exit(showUnloaded(error));
}

/** As {@link show}, for a process that is ending. */
function showAtOnce(error: unknown): number {
  const { showError }: typeof import('./show-error.ts') = require('./show-error.ts');
  return showError(error, { root, args });
}
