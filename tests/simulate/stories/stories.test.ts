import { describe, test } from 'vitest';
import { stories } from './list.ts';
import { playStory } from './play-story.ts';

const all = process.env.MAINSTEM_STORIES === 'all';

describe('on the simulated GitHub', () => {
  for (const story of stories.filter(({ core }) => all || core)) {
    if (story.fault) test.todo(`${story.title} (${story.fault})`);
    else test(story.title, () => playStory(story).then(({ error }) => rethrow(error)));
  }
});

function rethrow(error: unknown): void {
  if (error !== null) throw error;
}
