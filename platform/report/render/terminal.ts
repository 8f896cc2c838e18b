import { styleText } from 'node:util';
import { plainText } from '../../lib/markdown.ts';
import type { Report } from '../report.ts';
import type { Block, Chart, ReportCell, ReportSection, Table, Tone } from '../section.ts';
import {
  composeSections,
  composeSweep,
  type Headline,
  headline,
  sweepHeadline,
} from '../sections/index.ts';
import { rankingSection } from '../sections/ranking.ts';
import type { SweepReport } from '../sweep-report.ts';

/** How to render for a terminal. */
export interface TerminalOptions {
  /** @default whether standard output is a terminal that wants colour */
  readonly colour?: boolean;
  /** Whether to show the parts that Markdown folds, too. @default false */
  readonly whole?: boolean;
}

type Paint = (format: 'green' | 'red' | 'bold' | 'dim', text: string) => string;

const mostRows = 40;

/**
 * Renders a report for a terminal: aligned tables, the verdict first and again at the end. Of what
 * Markdown folds it shows the titles.
 *
 * @example renderTerminal(report, { colour: false }).split('\n')[0] // 'pumpkins: better'
 */
export function renderTerminal(report: Report, options: TerminalOptions = {}): string {
  const paint = createPaint(options);
  const all = composeSections(report);
  const folded = options.whole ? [] : all.filter((section) => section.folded);
  return renderPage(
    headline(report),
    all.filter((section) => !folded.includes(section)),
    renderFolded(folded, report.project.name, paint),
    paint,
  );
}

/** Renders what a sweep found for a terminal, all of it. */
export function renderSweepTerminal(report: SweepReport, options: TerminalOptions = {}): string {
  return renderPage(sweepHeadline(report), composeSweep(report), [], createPaint(options));
}

function createPaint(options: TerminalOptions): Paint {
  const colour = options.colour ?? (process.stdout.isTTY && !process.env.NO_COLOR);
  return (format, text) => (colour ? styleText(format, text, { validateStream: false }) : text);
}

function renderPage(
  { title, tone, sentences, notices }: Headline,
  sections: readonly ReportSection[],
  rest: readonly string[],
  paint: Paint,
): string {
  const verdict = paint('bold', paintTone(paint, tone, plainText(title)));
  return [
    verdict,
    ...sentences.map(plainText),
    ...notices.map((notice) => `! ${plainText(notice)}`),
    ...sections.map((section) => renderSection(section, paint)),
    ...rest,
    '',
    verdict,
  ].join('\n');
}

/** Renders what a report says of the columns of a table; '' where it says nothing. */
export function renderRanking(report: Report, options: TerminalOptions = {}): string {
  const section = rankingSection(report);
  return section ? renderSection(section, createPaint(options)).trimStart() : '';
}

/** The titles of folded sections, and the command that shows all of them. */
function renderFolded(sections: readonly ReportSection[], project: string, paint: Paint): string[] {
  if (sections.length === 0) return [];
  const command = plainText(`npx mainstem report ${project} --markdown`);
  const titles = sections.map(({ title }) => `  ${plainText(title)}`);
  return [`\n${paint('bold', 'And')}`, ...titles, paint('dim', `  All of it: ${command}`)];
}

function renderSection({ title, blocks }: ReportSection, paint: Paint): string {
  const body = blocks
    .map((block, index) => {
      const apart = block.kind === 'table' && index > 0 ? '\n' : '';
      return `${apart}${indent(renderBlock(block, paint))}`;
    })
    .join('\n');
  return `\n${paint('bold', plainText(title))}\n${body}`;
}

function indent(text: string): string {
  return text
    .split('\n')
    .map((line) => `  ${line}`.trimEnd())
    .join('\n');
}

function renderBlock(block: Block, paint: Paint): string {
  switch (block.kind) {
    case 'text':
    case 'command':
      return plainText(block.text);
    case 'table':
      return renderTable(block, paint);
    case 'chart':
      return renderChart(block);
  }
}

function renderTable({ head, rows, numeric }: Table, paint: Paint): string {
  const shown = rows.slice(0, mostRows).map((row) => row.map(cellOf));
  const titles = head.map((text) => plainText(text));
  const widths = titles.map((title, column) =>
    Math.max(title.length, ...shown.map((row) => row[column]?.text.length ?? 0)),
  );
  const pad = (text: string, column: number) => {
    const width = widths[column] ?? 0;
    return numeric.includes(column) ? text.padStart(width) : text.padEnd(width);
  };
  const lines = shown.map((row) =>
    row.map(({ text, tone }, column) => paintTone(paint, tone, pad(text, column))).join('  '),
  );
  const header = titles.some(Boolean) ? [paint('dim', titles.map(pad).join('  '))] : [];
  const rest = rows.length - shown.length;
  return [...header, ...lines, ...(rest > 0 ? [`… ${rest} more`] : [])].join('\n');
}

function cellOf(cell: ReportCell | string): { text: string; tone: Tone } {
  if (typeof cell === 'string') return { text: plainText(cell), tone: 'plain' };
  return { text: plainText(cell.text), tone: cell.tone ?? 'plain' };
}

function paintTone(paint: Paint, tone: Tone, text: string): string {
  if (tone === 'plain') return text;
  return paint(tone === 'good' ? 'green' : 'red', text);
}

const bars = ['▁', '▂', '▃', '▄', '▅', '▆', '▇', '█'] as const;

/** A line of bars per series, all on one scale, with its first and last value. */
function renderChart({ title, series }: Chart): string {
  const all = series.flatMap(({ values }) => values);
  const [low, high] = [Math.min(...all), Math.max(...all)];
  const bar = (value: number) =>
    bars[Math.round(((value - low) / (high - low || 1)) * (bars.length - 1))] ?? bars[0];
  const width = Math.max(...series.map(({ name }) => name.length));
  const ends = (values: readonly number[]) =>
    `${(values[0] ?? 0).toFixed(3)} → ${(values.at(-1) ?? 0).toFixed(3)}`;
  const lines = series.map(
    ({ name, values }) => `${name.padEnd(width)}  ${values.map(bar).join('')}  ${ends(values)}`,
  );
  return [title, ...lines].join('\n');
}
