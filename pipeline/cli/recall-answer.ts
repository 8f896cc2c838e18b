import { questionOf, recall } from './recall.js';

/**
 * The remembered answer to a command line, or null. bootstrap.js has looked for it already; here a source file
 * whose text has changed is parsed, and counts as unchanged if only comments or formatting differ.
 */
export async function recallAnswer(root: string, args: readonly string[]): Promise<string | null> {
  const question = questionOf(args);
  return question && recall(root, question, { node: process.execPath, codeOf });
}

async function codeOf(path: string, text: string): Promise<string> {
  const { parseModule } = await import('../../platform/lib/parse-module.ts');
  return (await parseModule(path, text)).digest;
}
