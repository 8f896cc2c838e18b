import { describe, expect, test } from 'vitest';
import { digestJson } from '../../../../platform/lib/hash.ts';
import { parseValue } from '../../../../platform/lib/json.ts';
import {
  Report,
  renderCorrections,
  renderMarkdown,
  renderRanking,
  renderTerminal,
} from '../../../../platform/report/index.ts';
import type { Attainable } from '../../../../platform/schemas/index.ts';
import {
  blurred,
  fartherThanLinear,
  harvest,
  lessThanLinear,
  reportOf,
  someRanking,
} from '../../../fixtures/reports.ts';

const [linear = { space: 'columns', mae: 0 } as const] = fartherThanLinear.linear;
const below = (limit: number) => (index: number) => index < limit;
const stories = {
  'a first model': reportOf(below(15), null),
  'a better model': reportOf(below(12), below(30)),
  'a worse model': reportOf(below(30), below(12)),
  'a model that cannot be distinguished': reportOf(below(3), below(4), { count: 60 }),
  'the best of twenty models': reportOf(below(13), below(22), { candidates: 20 }),
  'a better model within training noise': reportOf(below(12), below(30), { spread: 0.05 }),
  'a table': reportOf(below(12), below(30), { ranking: someRanking }),
  'a first model that learnt too little': reportOf(below(80), null, { attainable: lessThanLinear }),
  'changed data': reportOf(below(15), below(15), { dataDiff: harvest, findings: [blurred] }),
};

describe.each(Object.entries(stories))('the report of %s', (_, report) => {
  test('reads well as a comment', () => {
    expect(renderMarkdown(report)).toMatchSnapshot();
  });

  test('reads well on a terminal', () => {
    expect(renderTerminal(report, { colour: false })).toMatchSnapshot();
  });

  test('survives its way through a file', () => {
    expect(parseValue(JSON.parse(JSON.stringify(report)), Report, 'report')).toEqual(report);
  });
});

describe('a report', () => {
  test('of a backend that does not give the same bits says how near it comes', () => {
    const report = stories['a first model'];
    const tolerance = { gradients: 1e-5, losses: 2e-3 };
    const backend = { name: 'tensorflow', reason: 'asked for', deterministic: false, tolerance };
    const native = { ...report, candidate: { ...report.candidate, backend } };
    expect(renderMarkdown(native)).toContain('gradients within 0.00001 of the reference');
    expect(renderMarkdown(report)).not.toContain('of the reference');
    expect(parseValue(JSON.parse(JSON.stringify(native)), Report, 'report')).toEqual(native);
  });

  test('gives its verdict in the first line', () => {
    const titles = Object.values(stories).map((report) => renderMarkdown(report).split('\n')[0]);
    expect(titles).toEqual([
      '## 🌱 pumpkins: first model',
      '## ✅ pumpkins: better',
      '## ❌ pumpkins: worse, gates failed',
      '## ❌ pumpkins: cannot tell, gates failed',
      '## ❔ pumpkins: cannot tell',
      '## ✅ pumpkins: better',
      '## ✅ pumpkins: better',
      '## ❌ pumpkins: first model, gates failed',
      '## ➖ pumpkins: no detectable change',
    ]);
  });

  test('says what a line on the columns reaches of a regression, and that more rows would help', () => {
    const texts = {
      line: fartherThanLinear,
      median: {
        ...fartherThanLinear,
        median: { mae: 36_000, difference: 5200, low: 2000, high: 8400 },
        linear: [{ ...linear, difference: 0, low: -10, high: 10 }],
      },
      unclear: { ...fartherThanLinear, linear: [{ ...linear, difference: 0, low: -10, high: 10 }] },
      better: { ...fartherThanLinear, linear: [{ ...linear, difference: -9, low: -10, high: -8 }] },
    };
    const show = (attainable: Attainable) =>
      renderMarkdown(reportOf(below(15), null, { attainable }));
    const found = show(texts.line);
    expect(found).toContain(
      'Attainable: a linear model on the columns does better (mean absolute error 36500 against 41200)',
    );
    expect(found).toContain('less than a linear model');
    expect(found).toContain('reaches an error of 37900 from half');
    expect(found).toContain('further examples would help');
    expect(found).toContain('always the median');
    expect(show(texts.median)).toContain(
      'Attainable: always answering with the median does better',
    );
    expect(show(texts.median)).toContain('less than a linear model');
    expect(show(texts.unclear)).toContain('not shown to differ from a linear model on the columns');
    expect(show(texts.better)).toContain('Attainable: better than a linear model on the columns');
  });

  test('says of the best of many how much of its gain is chance', () => {
    const text = renderMarkdown(stories['the best of twenty models']);
    expect(text).toMatch(/20 candidates are known .* gains 1\.3 points by chance, so choose by/);
    expect(text.indexOf('the validation split')).toBeLessThan(text.indexOf('the test split'));
    expect(renderMarkdown(stories['a better model'])).not.toContain('by chance, so choose by');
  });

  test('says in money what the run and a thousand predictions cost, where the project has prices', () => {
    const spent = { processorSeconds: 100, joules: null };
    const report = reportOf(below(12), below(30), {
      prices: { currency: 'EUR', perHour: 3, servingPerHour: 0.5 },
      cost: {
        version: 1,
        stages: [
          { stage: 'prepare', seconds: 360, ...spent, peakBytes: 4e8, gpuSeconds: 0 },
          { stage: 'train', seconds: 3600, ...spent, peakBytes: 2.5e9, gpuSeconds: 3600 },
        ],
      },
    });
    const text = renderMarkdown(report);
    expect(text).toMatch(
      /Cost: 1 h 6 min, .*, 1 h 0 min of GPU time, 2\.5 GB of memory, 3\.30 EUR/,
    );
    const [thousand] = /1,000 predictions.*EUR.*/.exec(text) ?? [];
    const p50 = report.candidate.latencyMs.p50;
    expect(parseFloat(thousand?.split('|')[1] ?? '')).toBeCloseTo((p50 / 3600) * 0.5, 8);
  });

  test('says of a verdict that another seed might turn round that it is of this model only', () => {
    const doubted = renderMarkdown(stories['a better model within training noise']);
    expect(doubted).toMatch(
      /of this one model and lies within training noise.* not shown to be better/,
    );
    const sure = reportOf(below(12), below(30), { spread: 0.001 });
    expect(renderMarkdown(sure)).toContain('Training noise: accuracy 96.0 % ± 0.1 pp over 3 seeds');
    expect(renderMarkdown(sure)).not.toContain('within training noise');
  });

  test('shows of seeds that are tried no single one on the test split', () => {
    const text = renderMarkdown(stories['a better model within training noise']);
    expect(text).toContain('never the luckiest');
    expect(renderMarkdown(stories['a better model'])).not.toContain('seeds');
  });

  test('proposes only columns that can be missing at once, and says what training without them cost', () => {
    const text = renderRanking(stories['a table'], { colour: false });
    expect(text).toMatch(/^Columns: diameter counts most, 2 columns may be needless\n/);
    expect(text).toContain('Not shown to help: inches, grams, ounces.');
    expect(text).toMatch(/Worth trying without: ounces, inches;.* grams then have to stay/);
    expect(text).toMatch(/grams +\+0\.1 +\+0\.05 … \+0\.2 +is missed/);
    expect(text).toMatch(/ounces, inches .* better without/);
    expect(text).not.toContain('rank pumpkins --drop-columns');
    const { dropped: _, ...untried } = someRanking;
    const before = renderRanking(reportOf(below(12), null, { ranking: untried }), {
      colour: false,
    });
    expect(before).toContain('npx mainstem rank pumpkins --drop-columns');
  });

  test('says so where every weak column is missed together with another, and where none is weak', () => {
    const { dropped: _, ...untried } = someRanking;
    const none = { ...untried, proposed: null };
    const text = (ranking: typeof none) =>
      renderRanking(reportOf(below(12), null, { ranking }), { colour: false });
    expect(text(none)).toMatch(/shuffling them at once costs \+0\.3 .*: they stand in/);
    expect(text({ ...none, weak: null })).toContain('Every column is shown to help');
  });

  test('corrections hold the suspects of all splits, surest first', () => {
    const report = structuredClone(stories['a better model']);
    const suspect = (id: string, confidence: number) => ({
      ...{ id, digest: digestJson(id), label: 'ok', suggestion: 'bad', confidence },
    });
    const trial = { swapped: 5, found: 4, of: 100, others: 1 };
    const counts = { examined: 100, of: 100, accuracy: 0.9, suspects: 1, finds: true, trial };
    Object.assign(report.analysis?.labels ?? {}, {
      ...{ suspects: 2, shown: [suspect('a.jpg', 0.9), suspect('c.jpg', 0.5)] },
      training: { ...counts, space: 'features', shown: [suspect('b.jpg', 0.7)] },
    });
    const ids = renderCorrections(report)
      .split('\n')
      .map((line) => line.split(',')[0]);
    expect(ids).toEqual(['id', 'a.jpg', 'b.jpg', 'c.jpg', '']);
    expect(renderMarkdown(report)).toMatch(/Labels: 3 suspects/);
  });

  test('a training split whose labels cannot be judged is said to be one', () => {
    const report = structuredClone(stories['a better model']);
    const trial = { swapped: 5, found: 1, of: 100, others: 1 };
    const counts = { examined: 100, of: 100, accuracy: 0.4, suspects: 0, finds: false, trial };
    Object.assign(report.analysis?.labels ?? {}, {
      ...{ suspects: 0, shown: [], training: { ...counts, space: 'pixels', shown: [] } },
    });
    const text = renderMarkdown(report);
    expect(text).toContain('Training labels cannot be judged');
    expect(text).not.toContain('--corrections');
  });

  test('is coloured only where colour is asked for', () => {
    const report = stories['a better model'];
    expect(renderTerminal(report, { colour: true })).toContain('\u001b[');
    expect(renderTerminal(report, { colour: false })).not.toContain('\u001b[');
  });

  test('heads the slices with the worst that is judged, with its interval', () => {
    const report = structuredClone(stories['a better model']);
    const lowest = (value: number, count: number) => ({
      ...{ slice: 'farm', value: `of ${count}`, count, judged: count >= 20 },
      candidate: {
        accuracy: { value, low: value - 0.1, high: value + 0.1, count },
        error: null,
        errorInterval: null,
      },
    });
    report.slices = [lowest(0.2, 5), lowest(0.7, 40), lowest(0.9, 400)];
    expect(renderMarkdown(report)).toContain('Slices: lowest 70.0 % (60.0 % … 80.0 %), farm of 40');
    report.slices = report.slices.map((slice, index) => ({
      ...slice,
      candidate: { accuracy: null, error: 3 - index, errorInterval: { low: 1, high: 4 } },
    }));
    expect(renderMarkdown(report)).toContain('Slices: highest error 2 (1 … 4), farm of 40');
  });

  test('shows the candidate’s own interval where its difference from the champion has none', () => {
    const report = structuredClone(stories['a better model']);
    report.comparison = null;
    report.metrics = report.metrics.map((row) => ({ ...row, interval: null, significant: null }));
    const text = renderMarkdown(report).replaceAll('\u00a0', ' ');
    expect(text).toContain('| 96.0 % (93.1 … 97.7 %) | +6.0 pp | – |');
    expect(text).toContain('In brackets: the 95 % interval of the candidate’s own value.');
    expect(renderMarkdown(stories['a better model'])).not.toContain('In brackets');
  });

  test('shows calibration and refusal of both models on the examples that both answered', () => {
    const report = stories['changed data'];
    expect(report.champion?.refusal?.accepted?.count).toBe(report.comparison?.examples);
    expect(report.candidate.refusal?.accepted).toEqual(
      report.comparison?.shared?.candidate.accepted,
    );
    expect(report.champion?.expectedAccuracy).toBe(
      report.comparison?.shared?.champion.expectedAccuracy,
    );
    const text = renderMarkdown(report);
    expect(text.match(/Both on the 300 test examples that both answered\./g)).toHaveLength(2);
    expect(text).toContain('is from its own experiment, before the data changed.');
    const apart = { ...structuredClone(report), comparison: null };
    expect(renderMarkdown(apart)).toContain('the two columns are not about the same examples.');
    expect(renderMarkdown(stories['a first model'])).not.toContain('that both answered.');
  });

  test('shows on demand all parts on a terminal', () => {
    const text = renderTerminal(stories['a better model'], { colour: false, whole: true });
    expect(text).toContain('npx mainstem reproduce 222222222222');
    expect(text).toContain('▁');
  });

  test('stays within what a comment may hold, and says what it left out', () => {
    const report = structuredClone(stories['changed data']);
    report.findings = Array.from({ length: 500 }, () => ({
      ...blurred,
      message: 'x'.repeat(5000),
    }));
    report.slices = Array.from({ length: 500 }, (_, index) => ({
      slice: 'farm',
      value: `${index}${'y'.repeat(300)}`,
      count: 1,
      judged: true,
      candidate: { accuracy: null, error: 1, errorInterval: null },
    }));
    report.gates = Array.from({ length: 500 }, () => ({
      gate: 'g'.repeat(400),
      passed: false,
      message: '<'.repeat(400),
    }));
    const text = renderMarkdown(report);
    expect(text.length).toBeLessThanOrEqual(60_000);
    expect(text).toMatch(/… 4\d\d more/);
    expect(text.split('<details>')).toHaveLength(text.split('</details>').length);
  });
});

describe('a hostile report', () => {
  const evil =
    '</details><script>alert(1)</script> ![x](https://evil.example/x.png) @octocat #1 `|` \\| \u001b[31m\u202e\n\n## gates passed';
  const report = structuredClone(stories['changed data']);
  report.project.name = evil;
  report.reason = evil;
  report.project.classes = [evil, 'ok', 'bad'];
  report.parameters = [{ key: evil, before: evil, after: evil }];
  report.gates = [{ gate: evil, passed: true, message: evil }];
  report.findings = [{ ...blurred, code: evil, dataset: evil, message: evil, examples: [evil] }];
  report.fit.message = `\`\`\`\n${evil}`;
  report.candidate.run = evil;
  report.candidate.backend.reason = evil;
  const flip = report.comparison?.flipped[0];
  if (flip) Object.assign(flip, { id: evil, label: evil, before: evil, after: evil });
  const markdown = renderMarkdown(report);
  const outsideCode = markdown.replace(/^```[^`]*^```$/gm, '').replace(/(?<!\\)`[^`\n]*`/g, '');
  // Inside a summary nothing is Markdown.
  const asMarkdown = outsideCode.replace(/<summary>.*<\/summary>/g, '');

  test('brings no HTML, image, link or heading into the comment', () => {
    expect(outsideCode).not.toContain('<script');
    expect(outsideCode.split('</details>')).toHaveLength(outsideCode.split('<details>').length);
    expect(asMarkdown).not.toMatch(/(?<!\\)\[x(?<!\\)\]/);
    expect(outsideCode).not.toContain('https://');
    expect(markdown).not.toMatch(/^## gates passed/m);
  });

  test('mentions nobody and links no issue', () => {
    expect(outsideCode).not.toContain('@octocat');
    expect(outsideCode).not.toContain('#1');
  });

  test('breaks no table: every row has as many cells as its head', () => {
    const tables = markdown.split('\n\n').filter((block) => block.startsWith('| '));
    for (const table of tables) {
      const cells = table.split('\n').map((line) => line.split(/(?<!\\)\|/).length);
      expect(new Set(cells).size).toBe(1);
    }
  });

  test('moves no cursor and reorders no text on a terminal', () => {
    const text = renderTerminal(report, { colour: false, whole: true });
    expect(text).not.toMatch(/\p{Cf}|(?!\n)\p{Cc}/u);
  });
});
