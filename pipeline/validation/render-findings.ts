import { styleText } from 'node:util';
import { markdownCode, markdownText, plainText } from '../../platform/lib/markdown.ts';
import type { Finding } from '../../platform/schemas/index.ts';

/** Findings for a terminal: aligned, coloured where standard output shows colour, each with what to do. */
export function renderFindings(findings: readonly Finding[]): string {
  return findings.length === 0 ? nothing : findings.map(renderFinding).join('\n');
}

const nothing = 'No findings: the data is fine.';
const colours = { error: 'red', warning: 'yellow', info: 'cyan' } as const;

const width = 'warning'.length;
const indent = ' '.repeat(width + 2);

function renderFinding(finding: Finding): string {
  const { severity, code, dataset, message, hint } = finding;
  const title = styleText(colours[severity], severity.padEnd(width));
  const places = [...finding.examples.map(plainText), ...moreOf(finding)];
  const lines = [
    `${title}  ${styleText('bold', code)} ${plainText(dataset)}`,
    plainText(message),
    ...places.map((line) => styleText('dim', `  ${line}`)),
    `→ ${hint}`,
  ];
  return lines.join(`\n${indent}`);
}

/**
 * Findings as a Markdown table, for a pull request. Names of files, columns and classes come from outside: none
 * of them can end its cell, or be markup, a mention or a link.
 */
export function renderFindingsMarkdown(findings: readonly Finding[]): string {
  if (findings.length === 0) return nothing;
  return [
    '| | code | data | what | what to do |',
    '|---|---|---|---|---|',
    ...findings.map(renderRow),
  ].join('\n');
}

const icons = { error: '❌ error', warning: '⚠️ warning', info: 'ℹ️ info' } as const;

function renderRow(finding: Finding): string {
  const { severity, code, dataset, message, hint } = finding;
  const places = [...finding.examples.map(markdownCode), ...moreOf(finding)];
  const what = [markdownText(message), ...places].join('<br>');
  const cells = [
    icons[severity],
    markdownCode(code),
    markdownCode(dataset),
    what,
    markdownText(hint),
  ];
  return `| ${cells.join(' | ')} |`;
}

/** How many places are not shown, as one line or none. */
function moreOf({ examples, count }: Finding): string[] {
  const more = count - examples.length;
  return more > 0 ? [`… and ${more.toLocaleString('en')} more`] : [];
}
