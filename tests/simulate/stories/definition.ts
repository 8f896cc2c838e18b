import type { Story, StoryOptions } from './story.ts';

/** The workflows that train, judge, report and promote, whichever of them this tree has. */
export const training: readonly string[] = ['experiment.yml', 'report.yml', 'judge.yml'];

/** A story with what has to hold at its end; `node:assert` speaks, so that it runs inside and outside of tests. */
export interface StoryDefinition {
  /** For the command line, in kebab-case. */
  readonly name: string;
  /** A sentence about behaviour. */
  readonly title: string;
  /** What keeps it from holding today; such a story is not asserted in tests. */
  readonly fault?: string;
  play(begin: (options?: StoryOptions) => Promise<Story>): Promise<void>;
}
