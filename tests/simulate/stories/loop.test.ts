import { stories } from './loop.ts';
import { testStories } from './test-stories.ts';

testStories(stories);
