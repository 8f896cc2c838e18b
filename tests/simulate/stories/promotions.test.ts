import { stories } from './promotions.ts';
import { testStories } from './test-stories.ts';

testStories(stories);
