import { describe, test } from 'vitest';
import { alertmanagerFound, prometheusFound } from '../../helpers/prometheus.ts';
import { registryServer } from '../github/registry.ts';
import type { StoryDefinition } from './definition.ts';
import { playStory } from './play-story.ts';

/** Each story as a test; one that wants what is not installed is skipped. */
export function testStories(stories: readonly StoryDefinition[]): void {
  describe('on the simulated GitHub', () => {
    for (const story of stories) {
      const isWatched = prometheusFound && alertmanagerFound;
      const lacks =
        (story.registry === true && registryServer === undefined) ||
        (story.watched === true && !isWatched);
      test.skipIf(lacks)(story.title, () => playStory(story).then(({ error }) => rethrow(error)));
    }
  });
}

function rethrow(error: unknown): void {
  if (error !== null) throw error;
}
