import { testStories } from './test-stories.ts';
import { stories } from './watching.ts';

testStories(stories);
