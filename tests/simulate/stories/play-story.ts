import type { Entry } from '../github/state.ts';
import type { StoryDefinition } from './definition.ts';
import { type Story, startStory } from './story.ts';

/** A story that has been played. */
export interface PlayedStory {
  readonly definition: StoryDefinition;
  readonly timeline: readonly Entry[];
  readonly seconds: number;
  /** What did not hold, or null. */
  readonly error: unknown;
}

/**
 * Plays a story to its end and takes its GitHub down, whatever happens.
 *
 * @param watch given each GitHub's timeline, which grows, when its story begins
 */
export async function playStory(
  definition: StoryDefinition,
  watch: (timeline: readonly Entry[]) => void = () => undefined,
): Promise<PlayedStory> {
  const begun = performance.now();
  const started: Story[] = [];
  let error: unknown = null;
  try {
    await definition.play(async (options) => {
      const story = await startStory(options);
      started.push(story);
      watch(story.timeline);
      return story;
    });
  } catch (thrown) {
    error = thrown;
  }
  for (const story of started) {
    await story.close().catch((thrown: unknown) => {
      error ??= thrown;
    });
  }
  const timeline = started.flatMap((story) => story.timeline);
  return { definition, timeline, seconds: (performance.now() - begun) / 1000, error };
}
