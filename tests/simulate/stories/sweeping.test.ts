import { stories } from './sweeping.ts';
import { testStories } from './test-stories.ts';

testStories(stories);
