import { questionOf, recall } from '../recall.js';

/**
 * The remembered answer to a command line, or null. bootstrap.js has looked already; here a source file whose
 * text changed is parsed, and counts as unchanged if only comments or formatting did.
 */
export async function recallAnswer(root: string, args: readonly string[]): Promise<string | null> {
  const question = questionOf(args);
  return question && recall(root, question, { node: process.execPath, codeOf });
}

async function codeOf(path: string, text: string): Promise<string> {
  const { readModule } = await import('../stages/module.ts');
  return (await readModule(path, text)).digest;
}
