// Plays stories on a simulated GitHub: the workflow files of this tree, over a real git repository and a stand-in of
// GitHub's API. Prints what happens as it ends and writes one page with all of it.
//   npm run simulate                      the core stories
//   npm run simulate -- loop gates        these
//   npm run simulate -- --all             all of them
//   npm run simulate -- --page <file>     where the page goes; .mainstem/simulate.html otherwise

import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';
import { parseScript } from '../../platform/lib/parse-script.ts';
import { findMissing } from './find-missing.ts';
import type { Entry } from './github/state.ts';
import { renderPage } from './page/render-page.ts';
import type { StoryDefinition } from './stories/definition.ts';
import { stories } from './stories/list.ts';
import { type PlayedStory, playStory } from './stories/play-story.ts';

const { values, positionals } = parseScript({
  allowPositionals: true,
  options: { all: { type: 'boolean', default: false }, page: { type: 'string' } },
});
const played: PlayedStory[] = [];
let skipped = 0;
for (const definition of wanted(positionals, values.all)) {
  process.stdout.write(`\n${definition.title}\n`);
  const missing = findMissing(definition);
  if (missing !== null) {
    skipped++;
    process.stdout.write(`skipped: ${missing} is not here; "npm run test:setup" installs it\n`);
    continue;
  }
  played.push(await show(definition));
}
const page = values.page ?? join(import.meta.dirname, '../../.mainstem/simulate.html');
mkdirSync(dirname(page), { recursive: true });
writeFileSync(page, renderPage(played));
const failed = played.filter(({ error }) => error !== null);
process.stdout.write(
  `\n${played.length - failed.length} of ${played.length} stories held${skipped > 0 ? `, ${skipped} skipped` : ''}. `,
);
process.stdout.write(`The page: ${relative(process.cwd(), page)}\n`);
process.exitCode = failed.length > 0 ? 1 : 0;

function wanted(names: readonly string[], all: boolean): StoryDefinition[] {
  const unknown = names.filter((name) => !stories.some((story) => story.name === name));
  if (unknown.length > 0) {
    const known = stories.map(({ name }) => name).join(', ');
    process.stderr.write(`Unknown story: ${unknown.join(', ')}. Known: ${known}\n`);
    process.exit(2);
  }
  if (names.length > 0) return stories.filter(({ name }) => names.includes(name));
  return stories.filter(({ core }) => all || core);
}

/** Plays a story, and prints what happens while it does. */
async function show(definition: StoryDefinition): Promise<PlayedStory> {
  const begun: { readonly timeline: readonly Entry[]; printed: number }[] = [];
  const printNew = () => {
    for (const one of begun) {
      const start = one.timeline[0]?.at ?? 0;
      for (const entry of one.timeline.slice(one.printed)) printEntry(entry, start);
      one.printed = one.timeline.length;
    }
  };
  process.stdout.write('Making what it begins with, which takes up to some minutes …\n');
  const timer = setInterval(printNew, 500);
  const story = await playStory(definition, (timeline) => begun.push({ timeline, printed: 0 }));
  clearInterval(timer);
  printNew();
  const end = story.error === null ? 'held' : `DID NOT HOLD: ${String(story.error)}`;
  process.stdout.write(`${end} (${story.seconds.toFixed(0)} s)\n`);
  return story;
}

function printEntry({ at, kind, text, detail }: Entry, start: number): void {
  const time = `${((at - start) / 1000).toFixed(1)} s`.padStart(9);
  process.stdout.write(`${time}  ${kind.padEnd(10)}  ${text}\n`);
  if (kind === 'comment' && detail) process.stdout.write(indented(detail));
}

function indented(text: string): string {
  return `${text.trim().replace(/^/gm, `${' '.repeat(23)}│ `)}\n`;
}
