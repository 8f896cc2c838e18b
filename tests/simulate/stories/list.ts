import type { StoryDefinition } from './definition.ts';
import { stories as kills } from './kills.ts';
import { stories as loop } from './loop.ts';
import { stories as promotions } from './promotions.ts';
import { stories as publishing } from './publishing.ts';
import { stories as pullRequests } from './pull-requests.ts';
import { stories as retraining } from './retraining.ts';
import { stories as rules } from './rules.ts';
import { stories as sweeping } from './sweeping.ts';
import { stories as threats } from './threats.ts';
import { stories as watching } from './watching.ts';
import { stories as zeroSettings } from './zero-settings.ts';

/** All stories, in the order in which they are played. */
export const stories: readonly StoryDefinition[] = [
  ...zeroSettings,
  ...pullRequests,
  ...rules,
  ...promotions,
  ...threats,
  ...retraining,
  ...sweeping,
  ...loop,
  ...publishing,
  ...watching,
  ...kills,
];
