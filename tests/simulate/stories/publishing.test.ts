import { stories } from './publishing.ts';
import { testStories } from './test-stories.ts';

testStories(stories);
