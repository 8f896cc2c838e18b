export { composeSections } from './compose.ts';
export { type Headline, headline } from './headline.ts';
