import { styleText } from 'node:util';
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
  const places = placesOf(finding).map((line) => styleText('dim', `  ${line}`));
  const lines = [
    `${title}  ${styleText('bold', code)} ${dataset}`,
    message,
    ...places,
    `→ ${hint}`,
  ];
  return lines.join(`\n${indent}`);
}

/** Findings as a Markdown table, for a pull request. */
export function renderFindingsMarkdown(findings: readonly Finding[]): string {
  if (findings.length === 0) return nothing;
  const rows = findings.map((finding) => {
    const { severity, code, dataset, message, hint } = finding;
    const places = placesOf(finding).map((line) => `<br>\`${escapeCell(line)}\``);
    const what = `${escapeCell(message)}${places.join('')}`;
    return `| ${icons[severity]} | \`${code}\` | \`${dataset}\` | ${what} | ${escapeCell(hint)} |`;
  });
  return ['| | code | data | what | what to do |', '|---|---|---|---|---|', ...rows].join('\n');
}

const icons = { error: '❌ error', warning: '⚠️ warning', info: 'ℹ️ info' } as const;

function placesOf({ examples, count }: Finding): string[] {
  const more = count - examples.length;
  return more > 0 ? [...examples, `… and ${more.toLocaleString('en')} more`] : [...examples];
}

/** Names of files and cells come from outside: they must neither end the cell nor the code span. */
function escapeCell(text: string): string {
  return text.replaceAll('|', '\\|').replaceAll('`', "'").replace(/\s+/g, ' ');
}
