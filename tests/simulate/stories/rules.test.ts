import { stories } from './rules.ts';
import { testStories } from './test-stories.ts';

testStories(stories);
