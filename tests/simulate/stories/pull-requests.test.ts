import { stories } from './pull-requests.ts';
import { testStories } from './test-stories.ts';

testStories(stories);
