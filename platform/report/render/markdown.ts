import { htmlText, markdownCode, markdownText } from '../../lib/markdown.ts';
import type { Report } from '../report.ts';
import type { Block, Chart, ReportCell, ReportSection, Table, Tone } from '../section.ts';
import {
  composeSections,
  composeSweep,
  type Headline,
  headline,
  sweepHeadline,
} from '../sections/index.ts';
import type { SweepReport } from '../sweep-report.ts';

/** A comment of more than 65,536 characters is refused by GitHub. */
const mostCharacters = 60_000;
/** Rows of a table, the longest that fits. */
const rowLimits = [60, 20, 6];
const mostNotices = 8;
const cut = '_Left out to keep this short; the artefact of the judging run holds all of it._';

/** How a report is rendered. */
export interface MarkdownOptions {
  /** How many characters it may have, from 4,000. @default 60,000 */
  readonly most?: number;
  /** What becomes of the candidate, in one sentence. */
  readonly promotion?: string;
}

/**
 * Renders a report as a pull request's comment, every string of the report escaped. Where it is too long, tables lose
 * rows, then sections their content, and say so.
 *
 * @example renderMarkdown(report).split('\n')[0] // '## ✅ pumpkins: better'
 */
export function renderMarkdown(report: Report, options: MarkdownOptions = {}): string {
  const { most = mostCharacters, promotion } = options;
  return renderPage(renderHead(headline(report), promotion), composeSections(report), most);
}

/** Renders what a sweep found for a job's summary or the text of a pull request, every string of it escaped. */
export function renderSweepMarkdown(
  report: SweepReport,
  { most = mostCharacters }: Pick<MarkdownOptions, 'most'> = {},
): string {
  return renderPage(renderHead(sweepHeadline(report), undefined), composeSweep(report), most);
}

function renderPage(
  head: readonly string[],
  composed: readonly ReportSection[],
  most: number,
): string {
  const sections = composed.map(formsOf);
  const smallest = sections.map((forms) => forms.at(-1) ?? '');
  let spare = most - lengthOf([...head, ...smallest, cut]);
  const parts = sections.map((forms, index) => {
    const least = smallest[index]?.length ?? 0;
    const form = forms.find(({ length }) => length - least <= spare) ?? '';
    spare -= form.length - least;
    return form;
  });
  const rest = parts.includes('') ? [cut] : [];
  return `${[...head, ...parts, ...rest].filter(Boolean).join('\n\n')}\n`;
}

function renderHead(
  { icon, title, sentences, notices }: Headline,
  promotion: string | undefined,
): string[] {
  const rest = notices.length - mostNotices;
  return [
    `## ${icon} ${markdownText(title)}`,
    sentences.map(markdownText).join(' '),
    ...(promotion === undefined ? [] : [`**Promotion:** ${markdownText(promotion)}`]),
    ...notices.slice(0, mostNotices).map((notice) => `> ⚠️ ${markdownText(notice)}`),
    ...(rest > 0 ? [`> ⚠️ And ${rest} more.`] : []),
  ];
}

function lengthOf(parts: readonly string[]): number {
  return parts.reduce((sum, part) => sum + part.length + 2, 0);
}

/** A section at its full length, and shorter. */
function formsOf(section: ReportSection): string[] {
  const whole = rowLimits.map((rows) => renderSection(section, rows));
  const emptied = renderSection({ ...section, blocks: [] }, 0, cut);
  return [...whole, emptied];
}

function renderSection({ title, folded, blocks }: ReportSection, rows: number, note = ''): string {
  const body = [...blocks.map((block) => renderBlock(block, rows)), note]
    .filter(Boolean)
    .join('\n\n');
  if (!folded) return `### ${markdownText(title)}\n\n${body}`;
  return `<details><summary>${htmlText(title)}</summary>\n\n${body}\n\n</details>`;
}

function renderBlock(block: Block, rows: number): string {
  switch (block.kind) {
    case 'text':
      return markdownText(block.text);
    case 'table':
      return renderTable(block, rows);
    case 'chart':
      return renderChart(block);
    case 'command':
      return `\`\`\`sh\n${block.text.replace(/[^\w .-]/g, '')}\n\`\`\``;
  }
}

function renderTable({ head, rows, numeric }: Table, most: number): string {
  const line = (cells: readonly string[]) => `| ${cells.join(' | ')} |`;
  const rule = head.map((_, column) => (numeric.includes(column) ? '--:' : '---'));
  const shown = rows
    .slice(0, most)
    .map((row) => line(row.map((cell, column) => renderCell(cell, numeric.includes(column)))));
  const rest = rows.length - shown.length;
  const more = rest > 0 ? [line([`… ${rest} more`, ...head.slice(1).map(() => '')])] : [];
  return [line(head.map(markdownText)), line(rule), ...shown, ...more].join('\n');
}

const marks: Readonly<Record<Tone, string>> = { plain: '', good: '✅ ', bad: '❌ ' };

/** A number stays on one line with its sign, its unit and its mark. */
function renderCell(cell: ReportCell | string, numeric: boolean): string {
  if (typeof cell === 'string') return numeric ? unbroken(markdownText(cell)) : markdownText(cell);
  const text = cell.code ? markdownCode(cell.text) : markdownText(cell.text);
  const marked = `${marks[cell.tone ?? 'plain']}${text}`;
  return numeric ? unbroken(marked) : marked;
}

function unbroken(text: string): string {
  return text.replaceAll(' ', '\u00a0');
}

const colours = [
  { name: 'blue', value: '#0969da' },
  { name: 'red', value: '#d1242f' },
] as const;

/** GitHub draws no legend, so each line has a colour of its own; it knows the chart only by its beta name. */
function renderChart({ title, step, from, to, series }: Chart): string {
  const palette = colours.map(({ value }) => value).join(', ');
  const theme = { themeVariables: { xyChart: { plotColorPalette: palette } } };
  const lines = series.map(({ values }) => `  line [${values.map(plotted).join(', ')}]`);
  const names = series.map(({ name }, index) => `${colours[index]?.name ?? 'last'} ${name}`);
  const chart = ['```mermaid', `%%{init: ${JSON.stringify(theme)}}%%`, 'xychart-beta'];
  const axes = [`  title "${title}"`, `  x-axis "${step}" ${from} --> ${to}`];
  return [...chart, ...axes, ...lines, '```', '', `Lines: ${names.join(', ')}.`].join('\n');
}

/** No exponent: the chart's grammar has none. */
function plotted(value: number): string {
  return String(Number(value.toFixed(5)));
}
