export { composeSections } from './compose.ts';
export { type Headline, headline } from './headline.ts';
export { composeSweep, sweepHeadline } from './sweep.ts';
