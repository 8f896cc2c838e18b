import { testStories } from './test-stories.ts';
import { stories } from './zero-settings.ts';

testStories(stories);
