import { allChecks } from '../pipeline/validation/checks/index.ts';
import { defaultMissingShare, defaultThresholds } from '../platform/schemas/define/index.ts';

/** What stands above the table. */
export const checksIntroduction =
  'What `npx mainstem validate <project>` and the first stage of every run look for in the locked data. An error stops the run; warnings and infos are reported. A threshold is set under `checks` in `project.ts`, that of a column beside the column.';

/** The table of every validation check in order of its code, in Markdown. */
export function renderChecks(): string {
  const rows = allChecks
    .toSorted((a, b) => (a.code < b.code ? -1 : 1))
    .map(({ code, severity, finds, threshold, hint }) =>
      ['', `\`${code}\``, severity, cell(finds), thresholdText(threshold), cell(hint), '']
        .join(' | ')
        .trim(),
    );
  return [
    '| Code | Severity | Finds | Threshold (default) | What to do |',
    '| --- | --- | --- | --- | --- |',
    ...rows,
  ].join('\n');
}

function thresholdText(name: (typeof allChecks)[number]['threshold']): string {
  if (name === undefined) return '';
  if (name === 'missing') return `\`missing\` of a column (${defaultMissingShare})`;
  return `\`checks.${name}\` (${defaultThresholds[name]})`;
}

function cell(text: string): string {
  return text.replaceAll('|', '\\|').replaceAll('<', '&lt;');
}
