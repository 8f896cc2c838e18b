import { describe, test } from 'vitest';
import { findMissing } from '../find-missing.ts';
import type { StoryDefinition } from './definition.ts';
import { playStory } from './play-story.ts';

/** Each story as a test; one that wants what is not installed is skipped. */
export function testStories(stories: readonly StoryDefinition[]): void {
  describe('on the simulated GitHub', () => {
    for (const story of stories) {
      // It trains twice on photos, and waits for alerts.
      const patience = story.watched ? { timeout: 1_800_000 } : {};
      test.skipIf(findMissing(story) !== null)(story.title, patience, async () => {
        const { error } = await playStory(story);
        if (error !== null) throw error;
      });
    }
  });
}
