import { htmlText, markdownCode, markdownText } from '../../lib/markdown.ts';
import type { Report } from '../report.ts';
import type { Block, Chart, ReportCell, ReportSection, Table, Tone } from '../section.ts';
import { composeSections, headline } from '../sections/index.ts';

/** A comment of more than 65,536 characters is refused by GitHub. */
const mostCharacters = 60_000;
const mostRows = 60;
const cut = '_Left out to keep the comment short; the report artefact of the run holds all of it._';

/**
 * Renders a report as a pull request's comment: at most 60,000 characters by default, every string of the report
 * escaped. Where it is too long, the last sections that are folded are cut, and say so.
 *
 * @param most how many characters it may have
 * @example renderMarkdown(report).split('\n')[0] // '## ✅ pumpkins: better'
 */
export function renderMarkdown(report: Report, most: number = mostCharacters): string {
  const { icon, title, sentences, notices } = headline(report);
  const head = [
    `## ${icon} ${markdownText(title)}`,
    sentences.map(markdownText).join(' '),
    ...notices.map((notice) => `> ⚠️ ${markdownText(notice)}`),
  ];
  const sections = composeSections(report);
  const emptied = sections.map((section) => renderSection({ ...section, blocks: [] }, cut));
  let spare = most - lengthOf([...head, ...emptied]);
  const parts = sections.map((section, index) => {
    const whole = renderSection(section);
    const extra = whole.length - (emptied[index]?.length ?? 0);
    if (extra > spare) return emptied[index] ?? '';
    spare -= extra;
    return whole;
  });
  return `${[...head, ...parts].join('\n\n')}\n`;
}

function lengthOf(parts: readonly string[]): number {
  return parts.reduce((sum, part) => sum + part.length + 2, 0);
}

function renderSection({ title, folded, blocks }: ReportSection, note = ''): string {
  const body = [...blocks.map(renderBlock), note].filter(Boolean).join('\n\n');
  if (!folded) return `### ${markdownText(title)}\n\n${body}`;
  return `<details><summary>${htmlText(title)}</summary>\n\n${body}\n\n</details>`;
}

function renderBlock(block: Block): string {
  switch (block.kind) {
    case 'text':
      return markdownText(block.text);
    case 'table':
      return renderTable(block);
    case 'chart':
      return renderChart(block);
    case 'command':
      return `\`\`\`sh\n${block.text.replace(/[^\w .-]/g, '')}\n\`\`\``;
  }
}

function renderTable({ head, rows, numeric }: Table): string {
  const line = (cells: readonly string[]) => `| ${cells.join(' | ')} |`;
  const rule = head.map((_, column) => (numeric.includes(column) ? '--:' : '---'));
  const shown = rows.slice(0, mostRows).map((row) => line(row.map(renderCell)));
  const rest = rows.length - shown.length;
  const more = rest > 0 ? [line([`… ${rest} more`, ...head.slice(1).map(() => '')])] : [];
  return [line(head.map(markdownText)), line(rule), ...shown, ...more].join('\n');
}

const marks: Readonly<Record<Tone, string>> = { plain: '', good: '✅ ', bad: '❌ ' };

function renderCell(cell: ReportCell | string): string {
  if (typeof cell === 'string') return markdownText(cell);
  const text = cell.code ? markdownCode(cell.text) : markdownText(cell.text);
  return `${marks[cell.tone ?? 'plain']}${text}`;
}

/** GitHub draws no legend, and knows the chart only by its beta name. */
function renderChart({ title, step, from, to, series }: Chart): string {
  const lines = series.map(({ values }) => `  line [${values.map(plotted).join(', ')}]`);
  const names = series.map(({ name }) => name).join(' first, then ');
  const chart = ['```mermaid', 'xychart-beta', `  title "${title}"`];
  return [
    ...chart,
    `  x-axis "${step}" ${from} --> ${to}`,
    ...lines,
    '```',
    `Lines: ${names}.`,
  ].join('\n');
}

/** No exponent: the chart's grammar has none. */
function plotted(value: number): string {
  return String(Number(value.toFixed(5)));
}
