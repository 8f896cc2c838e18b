import { expect, onTestFinished, test } from 'vitest';
import { chromiumPath, launchBrowser } from '../../helpers/browser.ts';
import type { PlayedStory } from '../stories/play-story.ts';
import { renderPage } from './render-page.ts';

const comment = `<!-- mainstem:report -->
## Better

| metric | candidate |
| --- | --: |
| accuracy | 95 % |

<script>document.title = 'taken over'</script>
<img src="x" onerror="document.title = 'taken over'">`;

const story: PlayedStory = {
  definition: { name: 'one', title: 'one <b>story</b>', play: async () => {} },
  timeline: [
    { at: 1000, kind: 'pull', text: 'jen opens #1', pull: 1 },
    { at: 3500, kind: 'comment', text: 'github-actions[bot] comments on #1', detail: comment },
    { at: 4000, kind: 'job', text: 'check / test: failure', detail: 'exit <3>' },
  ],
  seconds: 4,
  error: null,
};

test.skipIf(!chromiumPath)(
  'the page shows comments as tables and runs nothing that they hold',
  async () => {
    const browser = await launchBrowser();
    onTestFinished(() => browser.close());
    const page = await browser.newPage();
    await page.setContent(renderPage([story]));
    expect(await page.locator('article td').allTextContents()).toEqual(['accuracy', '95 %']);
    expect(await page.locator('h2').first().textContent()).toBe('✓ one <b>story</b>');
    expect(await page.locator('pre').textContent()).toBe('exit <3>');
    expect(await page.title()).toBe('Mainstem on a simulated GitHub');
  },
);

test.skipIf(!chromiumPath)('no line is wider than a phone, whatever it holds', async () => {
  const browser = await launchBrowser();
  onTestFinished(() => browser.close());
  const page = await browser.newPage({ viewport: { width: 320, height: 640 } });
  const text = `PATCH /repos/jen/farm/git/refs/heads%2F${'mainstem%2Fretrain'.repeat(9)}`;
  const timeline = [
    ...story.timeline,
    { at: 1, kind: 'refused' as const, text, detail: text },
    { at: 1, kind: 'comment' as const, text, detail: `${text} ${comment}` },
  ];
  const definition = { ...story.definition, title: text };
  for (const colorScheme of ['light', 'dark'] as const) {
    await page.emulateMedia({ colorScheme });
    await page.setContent(renderPage([{ ...story, definition, timeline, error: new Error(text) }]));
    for (const log of await page.locator('summary').all()) await log.click();
    const { clientWidth, scrollWidth } = await page.evaluate(() => {
      const { clientWidth, scrollWidth } = document.documentElement;
      return { clientWidth, scrollWidth };
    });
    expect(scrollWidth).toBe(clientWidth);
  }
});

test('a story that did not hold says why', () => {
  const page = renderPage([{ ...story, error: new Error('two comments') }]);
  expect(page).toContain('0 of 1 stories held');
  expect(page).toContain('two comments');
});
