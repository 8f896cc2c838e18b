import { readFileSync } from 'node:fs';
import type { Digest } from '../../lib/hash.ts';
import { escapeHtml, jsonAttribute } from '../../lib/html.ts';
import type { Report } from '../report.ts';
import type {
  Block,
  Chart,
  Drawing,
  NearPhoto,
  ReportCell,
  ReportSection,
  Table,
} from '../section.ts';
import {
  composeSections,
  composeSweep,
  type Headline,
  headline,
  sweepHeadline,
} from '../sections/index.ts';
import type { SweepReport } from '../sweep-report.ts';
import { buildWholePage, readChartJs } from './whole-page.ts';

/** What a page shows beside the words of the report. */
export interface HtmlOptions {
  /** Photos as `data:` addresses, by digest; where one is missing its facts stand alone. */
  readonly photos?: ReadonlyMap<string, string>;
}

type Photos = ReadonlyMap<string, string>;

/** Whether a file begins as the pages of {@link renderHtml} do. */
export function isHtmlReport(text: string): boolean {
  return ownBeginning.test(text);
}

const ownBeginning =
  /^<!doctype html><html lang="en"><head><meta charset="utf-8"><title>[^<]*<\/title>\s*<meta http-equiv="Content-Security-Policy"/;

/**
 * Renders a report as one page that needs nothing else: styles, photos and the code that draws are inside, and its policy
 * lets the browser run and load only these. Every string of the report is escaped. The same report gives the same page.
 *
 * @example renderHtml(report).startsWith('<!doctype html>') // true
 */
export function renderHtml(report: Report, { photos = new Map() }: HtmlOptions = {}): string {
  const { commit, run, createdAt } = report.candidate;
  const about = `Run ${run}, commit ${commit?.slice(0, 12) ?? 'unknown'}, ${createdAt}.`;
  const sections = composeSections(report).map((section) => renderSection(section, photos));
  return renderPage(headline(report), { name: report.project.title, about, sections });
}

/**
 * Renders what a sweep found as such a page.
 *
 * @example renderSweepHtml(report).startsWith('<!doctype html>') // true
 */
export function renderSweepHtml(report: SweepReport): string {
  const { name } = report.project;
  const about = `Sweep by ${report.method}, chosen by the validation split.`;
  const sections = composeSweep(report).map((section) => renderSection(section, new Map()));
  return renderPage(sweepHeadline(report), { name, about, sections });
}

interface Page {
  readonly name: string;
  readonly about: string;
  /** As HTML. */
  readonly sections: readonly string[];
}

function renderPage(
  { title, tone, sentences, notices }: Headline,
  { name, about, sections }: Page,
): string {
  const body = [
    `<header><p class="title">${escapeHtml(name)}</p>`,
    `<h1 class="${tone}">${escapeHtml(title)}</h1>`,
    `<p>${sentences.map(escapeHtml).join(' ')}</p>`,
    ...notices.map((notice) => `<p class="notice">${escapeHtml(notice)}</p>`),
    `<p class="about">${escapeHtml(about)}</p>`,
    '<nav><button type="button" id="open">Open every section</button></nav></header><main>',
    ...sections,
    '</main>',
  ];
  const scripts = [readChartJs(), readHere('html/page.js')];
  return buildWholePage({ title, style: readHere('html/page.css'), scripts, body });
}

/** Digests of the photos that the page of a report shows, for its `photos`. */
export function photosOf(report: Report): Digest[] {
  const blocks = composeSections(report).flatMap((section) => section.blocks);
  const tables = blocks.filter((block) => block.kind === 'table');
  return [
    ...new Set(
      tables.flatMap(({ photos = [], near = [] }) => [
        ...photos,
        ...near.flat().map(({ photo }) => photo),
      ]),
    ),
  ];
}

function readHere(path: string): string {
  return readFileSync(new URL(path, import.meta.url), 'utf8').trimEnd();
}

function renderSection({ title, folded, blocks }: ReportSection, photos: Photos): string {
  const body = blocks.map((block) => renderBlock(block, photos)).join('\n');
  if (!folded) return `<section><h2>${escapeHtml(title)}</h2>\n${body}</section>`;
  const open = blocks.some((block) => isVisual(block, photos)) ? ' open' : '';
  return `<details${open}><summary>${escapeHtml(title)}</summary>\n${body}</details>`;
}

/** What a page shows better than words does not wait for a click. */
function isVisual(block: Block, photos: Photos): boolean {
  if (block.kind === 'chart') return true;
  return block.kind === 'table' && (block.drawing !== undefined || hasPhotos(block, photos));
}

function hasPhotos({ photos: digests = [] }: Table, photos: Photos): boolean {
  return digests.some((digest) => photos.has(digest));
}

function renderBlock(block: Block, photos: Photos): string {
  switch (block.kind) {
    case 'text':
      return `<p>${escapeHtml(block.text)}</p>`;
    case 'command':
      return `<pre>${escapeHtml(block.text)}</pre>`;
    case 'chart':
      return renderFigure(block, '');
    case 'table':
      return renderTable(block, photos);
  }
}

/** What page.js draws; its title is what is read aloud. */
function renderFigure(figure: Chart | Drawing, shape: string): string {
  const label = escapeHtml(`Figure: ${figure.title}`);
  const kind = `plot${shape}`;
  return `<figure class="${kind}" data-figure="${jsonAttribute(figure)}"><canvas role="img" aria-label="${label}"></canvas></figure>`;
}

function renderTable(table: Table, photos: Photos): string {
  if (hasPhotos(table, photos)) {
    return table.sheet ? renderSheet(table, table.sheet, photos) : renderPhotos(table, photos);
  }
  const { head, rows, drawing } = table;
  const figure = drawing ? renderFigure(drawing, shapeOf(drawing)) : '';
  const titles = head.map(
    (text, column) => `<th${classOf(table, column)}>${escapeHtml(text)}</th>`,
  );
  const header = head.some(Boolean) ? `<thead><tr>${titles.join('')}</tr></thead>` : '';
  const lines = rows.map((_, row) => `<tr>${renderRow(table, row)}</tr>`);
  const body = `${header}<tbody>${lines.join('\n')}</tbody>`;
  return `${figure}<div class="table" tabindex="0"><table>${body}</table></div>`;
}

function shapeOf({ kind }: Drawing): string {
  return kind === 'reliability' ? ' square' : '';
}

function renderRow(table: Table, row: number): string {
  const cells = table.rows[row] ?? [];
  return cells
    .map((cell, column) => `<td${classOf(table, column, row)}>${renderCell(cell)}</td>`)
    .join('');
}

const heats = [0.005, 0.1, 0.4, 0.75];

/** Shades are few, so that the policy can do without styles of single elements. */
function classOf({ numeric, shades }: Table, column: number, row?: number): string {
  const shade = row === undefined ? null : (shades?.[row]?.[column] ?? null);
  const heat = shade === null ? 0 : heats.filter((least) => shade >= least).length;
  const names = [
    ...(numeric.includes(column) ? ['number'] : []),
    ...(shade === null ? [] : [`heat-${heat}`]),
  ];
  return names.length > 0 ? ` class="${names.join(' ')}"` : '';
}

function renderCell(cell: ReportCell | string): string {
  if (typeof cell === 'string') return escapeHtml(cell);
  const text = cell.code ? `<code>${escapeHtml(cell.text)}</code>` : escapeHtml(cell.text);
  return cell.tone && cell.tone !== 'plain' ? `<span class="${cell.tone}">${text}</span>` : text;
}

/** A card for each row: its photo, and its cells under the names of their columns. */
function renderPhotos({ head, rows, photos: digests = [], near }: Table, photos: Photos): string {
  const cards = rows.map((cells, row) => {
    const facts = cells.map(
      (cell, column) =>
        `<div><dt>${escapeHtml(head[column] ?? '')}</dt> <dd>${renderCell(cell)}</dd></div>`,
    );
    const photo = photos.get(String(digests[row]));
    const shown = photo
      ? `<img src="${photo}" alt="">`
      : '<span class="missing">The photo is not here.</span>';
    const others = renderNear(near?.[row] ?? [], photos);
    return `<figure class="photo">${shown}<dl>${facts.join('')}</dl>${others}</figure>`;
  });
  return `<div class="photos">${cards.join('\n')}</div>`;
}

/** A contact sheet: small photos with a few words; the rest of a row is shown to who points at it. */
function renderSheet(
  { rows, photos: digests = [] }: Table,
  words: readonly string[],
  photos: Photos,
) {
  const cards = rows.map((cells, row) => {
    const title = cells.map((cell) => (typeof cell === 'string' ? cell : cell.text)).join(', ');
    const address = photos.get(String(digests[row]));
    const shown = address
      ? `<img src="${address}" alt="">`
      : '<span class="missing">not here</span>';
    return `<li title="${escapeHtml(title)}">${shown}${escapeHtml(words[row] ?? '')}</li>`;
  });
  return `<ul class="sheet">${cards.join('\n')}</ul>`;
}

function renderNear(near: readonly NearPhoto[], photos: Photos): string {
  const shown = near.flatMap(({ photo, text }) => {
    const address = photos.get(photo);
    const words = escapeHtml(text);
    return address ? [`<li><img src="${address}" alt="">${words}</li>`] : [];
  });
  return shown.length > 0 ? `<ul class="near">${shown.join('')}</ul>` : '';
}
