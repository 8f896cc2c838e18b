import { stories } from './retraining.ts';
import { testStories } from './test-stories.ts';

testStories(stories);
