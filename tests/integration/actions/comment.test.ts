import { describe, expect, onTestFinished, test } from 'vitest';
import { commentText } from '../../../.github/actions/lib/comment.ts';
import {
  type CommentState,
  renderComment,
  renderFailed,
  renderRunning,
} from '../../../.github/actions/lib/comment-body.ts';
import type { Judgement } from '../../../.github/actions/lib/judgement-file.ts';
import {
  earlier,
  evil,
  hostileReport,
  judged,
  judgement,
  largestReport,
  reports,
} from '../../fixtures/comments.ts';
import { chromiumPath, launchBrowser } from '../../helpers/browser.ts';
import { hasGfm, renderGfm } from '../../helpers/gfm.ts';
import { style } from '../../simulate/page/style.ts';

const head = '4b825dc642cb6eb9a060e54bf8d69288fbee4904';
const run = 'https://github.com/jen/farm/actions/runs/7';

const comment = (told: Judgement, before: CommentState | null = null) =>
  commentText(renderComment(told, before));
const projectCalled = (name: string, report: (typeof reports)['better']) =>
  judged({ ...report, project: { ...report.project, name } });
const withoutReport = {
  ...judged(reports.better),
  report: null,
  gates: { state: 'failure', description: 'The experiment left no result: see its run.' },
} as const;
const fullHistory: CommentState = {
  head,
  verdict: evil.repeat(9),
  earlier: Array.from({ length: 40 }, () => ({ head, verdict: evil.repeat(9) })),
};

const comments = {
  'a first model': comment(judgement([judged(reports.first)])),
  'a better model': comment(judgement([judged(reports.better)]), earlier),
  'a worse model': comment(judgement([judged(reports.worse)])),
  'a model that cannot be told apart': comment(judgement([judged(reports['cannot tell'])])),
  'changed data': comment(judgement([judged(reports['changed data'])])),
  'two projects': comment(
    judgement([judged(reports.better), projectCalled('penguins', reports.worse)]),
    earlier,
  ),
  'no project': comment(judgement([], { blocked: 'A record is changed.', notices: ['A notice.'] })),
  'a project without a result': comment(judgement([withoutReport])),
  'a judge that failed': commentText({ body: renderFailed(run, earlier), state: earlier }),
  'a run that goes on': commentText({ body: renderRunning(head, run, earlier), state: earlier }),
  'hostile names': comment(
    judgement([judged(hostileReport())], { notices: [evil], blocked: evil }),
  ),
  'the largest project': comment(judgement([judged(largestReport())]), fullHistory),
  'the most projects': comment(
    judgement(
      Array.from({ length: 50 }, (_, index) => projectCalled(`project-${index}`, largestReport())),
      { notices: Array.from({ length: 100 }, () => evil.repeat(9)), blocked: evil },
    ),
    fullHistory,
  ),
};

/** Whatever a comment is made of; attributes are only those that Markdown itself gives, and links lead to the run alone. */
const ownElement = new RegExp(
  `^<(?:${[
    '/?(?:h[1-3]|p|table|thead|tbody|tr|td|th|details|summary|code|pre|strong|em|blockquote|ul|li|sub)',
    't[dh] align="right"',
    'code class="language-(?:mermaid|sh)"',
    'br /',
    `a href="${run}"`,
    '/a',
    '!-- mainstem:report --',
    '!-- mainstem:state:[A-Za-z0-9+/=]+ --',
  ].join('|')})>$`,
);

/** The elements that are not closed where they should be. */
function openElements(html: string): string[] {
  const open: string[] = [];
  for (const [, close, name = ''] of html.matchAll(/<(\/?)([a-z]\w*)[^>]*?(?<!\/)>/g)) {
    if (!close) open.push(name);
    else if (open.at(-1) === name) open.pop();
    else return [...open, `/${name}`];
  }
  return open;
}

describe.skipIf(!hasGfm).each(Object.entries(comments))(
  'on GitHub, the comment of %s',
  (_, body) => {
    const html = renderGfm(body);

    test('consists of its own elements alone, each of them closed', () => {
      const elements = html.match(/<[^>]*>?/g) ?? [];
      expect(elements.filter((element) => !ownElement.test(element))).toEqual([]);
      expect(openElements(html)).toEqual([]);
    });

    test('has every table as a table, and folds with a title', () => {
      const tables = body.match(/^\| (?:-+:?)(?: \| -+:?)* \|$/gm) ?? [];
      expect(html.split('<table>')).toHaveLength(tables.length + 1);
      expect(html.replace(/<pre>[\s\S]*?<\/pre>/g, '')).not.toMatch(/^(?:<[^>]+>)*\|/m);
      expect(html.split('<details>')).toHaveLength(html.split('<details><summary>').length);
    });

    test('keeps the mark by which it is found, unseen', () => {
      expect(body.split('\n')[0]).toBe('<!-- mainstem:report -->');
      expect(html).toContain('<!-- mainstem:report -->');
    });

    test('is of a size that GitHub takes', () => {
      expect(body.length).toBeLessThanOrEqual(65_536);
    });
  },
);

describe('a comment', () => {
  test('says of several projects at once what decides', () => {
    const [overview = ''] = comments['two projects'].split('## ');
    expect(overview).toContain('# ❌ 1 of 2 projects stopped');
    expect(overview).toContain('| **pumpkins** | better | ✅ 5 gates passed. |');
    expect(overview).toContain('| **penguins** | worse | ❌ accuracy 0.88 &lt; 0.92');
  });

  test('folds earlier pushes into one line each', () => {
    expect(comments['a better model']).toContain('Earlier pushes (2)');
    expect(comments['a judge that failed']).toContain('Earlier pushes (2)');
  });

  test('says whose word curves and cost are', () => {
    expect(comments['a better model']).toContain('Cost: 7 min 20 s, 11 min 7 s of processor time');
    expect(comments['a better model']).toContain('These figures are the pull request’s own');
  });

  test('too long to show all of it uses its room, and says what it leaves out', () => {
    for (const body of [comments['the largest project'], comments['the most projects']]) {
      expect(body.length).toBeGreaterThan(40_000);
      expect(body).toContain('to keep this short');
    }
  });
});

/** The window of a laptop beside the rest of GitHub's page. */
const screen = { width: 780, height: 900 };

test.skipIf(!hasGfm || !chromiumPath).each(['light', 'dark'] as const)(
  'the top screen is enough to decide, in %s colours',
  async (colorScheme) => {
    const browser = await launchBrowser();
    onTestFinished(() => browser.close());
    const page = await browser.newPage({ viewport: screen, colorScheme });
    const kinds = ['a first model', 'a better model', 'a worse model', 'changed data'] as const;
    for (const kind of kinds) {
      await page.setContent(
        `<!doctype html><style>${style}</style><style>body, article { margin: 0; padding: 16px }</style><article>${renderGfm(comments[kind])}</article>`,
      );
      const bottom = (selector: string) =>
        page
          .locator(selector)
          .first()
          .evaluate((element) => element.getBoundingClientRect().bottom);
      expect(await bottom('p:has-text("Promotion:")'), kind).toBeLessThan(screen.height / 3);
      expect(await bottom('table:has-text("metric")'), kind).toBeLessThan(screen.height);
      const test = page.locator('h3:has-text("test split")').first();
      expect((await test.boundingBox())?.y, kind).toBeLessThan(screen.height);
      for (const table of await page.locator('article > table').all()) {
        const beyond = await table.evaluate((one) => one.scrollWidth - one.clientWidth);
        expect(beyond, `${kind}: a table wider than the comment`).toBeLessThanOrEqual(0);
      }
    }
  },
);
