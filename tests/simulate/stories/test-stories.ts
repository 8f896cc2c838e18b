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
      // It trains twice on photos, and waits for alerts.
      const patience = story.watched ? { timeout: 1_800_000 } : {};
      test.skipIf(lacks)(story.title, patience, async () => {
        const { error } = await playStory(story);
        if (error !== null) throw error;
      });
    }
  });
}
