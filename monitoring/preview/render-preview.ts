import { readFileSync } from 'node:fs';
import { escapeHtml, jsonAttribute } from '../../platform/lib/html.ts';
import { buildWholePage, readChartJs } from '../../platform/report/index.ts';
import type { PreviewSource, ReadDashboard, ReadPanel } from './read-dashboards.ts';

/**
 * Renders dashboards as one page that needs nothing else: each panel in its place of Grafana's grid, with its description and its
 * way to the runbook.
 */
export function renderPreview(
  dashboards: readonly ReadDashboard[],
  { from, to, model, prometheus }: PreviewSource,
  runbook: string,
): string {
  const [begin, end] = [from, to].map((time) => new Date(time * 1000).toISOString());
  const about = `${model ?? 'All models'}, ${begin} to ${end}, from ${prometheus.origin}.`;
  const links = dashboards.map(
    ({ dashboard: { uid, title } }) => `<a href="#${uid}">${escapeHtml(title)}</a>`,
  );
  return buildWholePage({
    title: 'Mainstem dashboards',
    style: readHere('preview.css'),
    scripts: [readChartJs(), readHere('preview.js')],
    body: [
      `<header><h1>Mainstem dashboards</h1><p>${escapeHtml(about)}</p>`,
      `<nav>${links.join(' ')}</nav></header><main data-from="${from}" data-to="${to}">`,
      ...dashboards.map((one) => renderDashboard(one, runbook)),
      '</main>',
    ],
  });
}

function renderDashboard({ dashboard, sections }: ReadDashboard, runbook: string): string {
  const { uid, title, description } = dashboard;
  const parts = sections.map(
    (section) =>
      `<h3>${escapeHtml(section.title)}</h3><div class="grid">` +
      `${section.panels.map((panel) => renderPanel(panel, runbook)).join('\n')}</div>`,
  );
  return (
    `<section id="${uid}"><h2>${escapeHtml(title)}</h2>` +
    `<p>${escapeHtml(description)}</p>${parts.join('\n')}</section>`
  );
}

function renderPanel({ panel, lines }: ReadPanel, runbook: string): string {
  const { title, description, unit, kind, width = 8 } = panel;
  const address = `${runbook}#${panel.runbook.toLowerCase()}`;
  const isEmpty = lines.every(({ points }) => points.every(([, value]) => value === null));
  const shown = isEmpty
    ? '<p class="empty">No data</p>'
    : kind === 'stat'
      ? renderNumbers(lines, unit)
      : `<div class="plot" data-panel="${jsonAttribute({ unit, lines })}">` +
        `<canvas role="img" aria-label="${escapeHtml(title)}"></canvas></div>`;
  return (
    `<figure class="wide-${width}"><figcaption>${escapeHtml(title)} ` +
    `<a href="${escapeHtml(address)}">What to do</a></figcaption>` +
    `${shown}<p class="description">${escapeHtml(description)}</p></figure>`
  );
}

function renderNumbers(lines: ReadPanel['lines'], unit: string): string {
  const facts = lines.map(({ name, points }) => {
    const value = points.at(-1)?.[1] ?? null;
    const number = value === null ? 'no number' : `<data value="${value}">${value}</data>`;
    return `<div><dt>${escapeHtml(name)}</dt><dd data-unit="${escapeHtml(unit)}">${number}</dd></div>`;
  });
  return `<dl>${facts.join('')}</dl>`;
}

function readHere(name: string): string {
  return readFileSync(new URL(name, import.meta.url), 'utf8').trimEnd();
}
