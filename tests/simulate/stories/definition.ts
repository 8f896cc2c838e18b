import { readFileSync } from 'node:fs';
import type { Story, StoryOptions } from './story.ts';

/** The workflows that train, judge, report and promote. */
export const training: readonly string[] = ['experiment.yml', 'judge.yml'];

/** Those and the tests: all that decides whether a pull request may be merged. */
export const deciding: readonly string[] = [...training, 'check.yml'];

/** The contexts that the shipped ruleset requires. */
export const contexts: readonly string[] = readContexts();

/** A story with what has to hold at its end; `node:assert` speaks, so that it runs inside and outside of tests. */
export interface StoryDefinition {
  /** For the command line, in kebab-case. */
  readonly name: string;
  /** A sentence about behaviour. */
  readonly title: string;
  /** Whether `npm run simulate` plays it without being asked; tests play every story. */
  readonly core?: true;
  /** Whether it wants a real registry, which `npm run test:setup` installs; without one it is skipped. */
  readonly registry?: true;
  /** Whether it wants a real Prometheus and Alertmanager; without them it is skipped. */
  readonly watched?: true;
  play(begin: (options?: StoryOptions) => Promise<Story>): Promise<void>;
}

function readContexts(): string[] {
  const file = new URL('../../../.github/ruleset.json', import.meta.url);
  const text = readFileSync(file, 'utf8');
  return [...text.matchAll(/"context": "([^"]+)"/g)].map(([, context = '']) => context);
}
