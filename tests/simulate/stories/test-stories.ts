import { describe, test } from 'vitest';
import { registryServer } from '../github/registry.ts';
import type { StoryDefinition } from './definition.ts';
import { playStory } from './play-story.ts';

/** Each story as a test; one that wants a registry is skipped where none is installed. */
export function testStories(stories: readonly StoryDefinition[]): void {
  describe('on the simulated GitHub', () => {
    for (const story of stories) {
      const lacks = story.registry === true && registryServer === undefined;
      test.skipIf(lacks)(story.title, () => playStory(story).then(({ error }) => rethrow(error)));
    }
  });
}

function rethrow(error: unknown): void {
  if (error !== null) throw error;
}
