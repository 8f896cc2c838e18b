import { stories } from './kills.ts';
import { testStories } from './test-stories.ts';

testStories(stories);
