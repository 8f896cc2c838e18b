import { join } from 'node:path';
import { listFiles } from '../../platform/lib/files.ts';
import { decodeLines } from '../../platform/lib/json-lines.ts';
import { parseIntact } from '../../platform/lib/parse-intact.ts';
import { readBytes } from '../../platform/lib/read-text.ts';
import { FeedbackLine, type LoggedPrediction } from '../../platform/schemas/index.ts';

/** What people said of one model's answers. */
export interface FeedbackLines {
  /** In the order in which they came. */
  readonly lines: readonly FeedbackLine[];
  /** Lines that are not as the server writes them. */
  readonly damaged: number;
}

/**
 * Reads the lines of a feedback folder of one model.
 *
 * @returns no line where there is no such folder
 * @throws MainstemError FILE_UNREADABLE
 */
export async function readFeedback(folder: string): Promise<FeedbackLines> {
  const names = await listFiles(folder).catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return [];
    throw error;
  });
  const days = names.filter((name) => /^\d{4}-\d\d-\d\d\.jsonl$/.test(name));
  const read: (FeedbackLine | null)[] = [];
  for (const name of days) {
    for (const text of decodeLines(await readBytes(join(folder, name))))
      read.push(parseIntact(text, FeedbackLine, 'a line of feedback'));
  }
  const lines = read.filter((line) => line !== null);
  return { lines, damaged: read.length - lines.length };
}

/** Finds what people said of an answer. */
export interface Labels {
  /**
   * The label of an answer: by its id, or by the content of its input, which counts once however often it was answered.
   *
   * @returns undefined where nobody said anything
   */
  take(answer: LoggedPrediction): string | undefined;
}

/** Sorts labels by the answers that they are about; of several for one the last counts. */
export function openLabels(lines: readonly FeedbackLine[]): Labels {
  const byAnswer = new Map<string, string>();
  const byContent = new Map<string, string>();
  for (const { id, index, digest, label } of lines) {
    if (id === undefined) byContent.set(digest, label);
    else byAnswer.set(answerKey(id, index), label);
  }
  return {
    take(answer) {
      const named = byAnswer.get(answerKey(answer.id, answer.index));
      const label = named ?? byContent.get(answer.digest);
      if (named === undefined) byContent.delete(answer.digest);
      return label;
    },
  };
}

function answerKey(id: string, index = 0): string {
  return `${index} ${id}`;
}
