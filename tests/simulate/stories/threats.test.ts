import { testStories } from './test-stories.ts';
import { stories } from './threats.ts';

testStories(stories);
