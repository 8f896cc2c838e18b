import { abbreviate } from '../../platform/lib/text.ts';
import type { StageAction, StageSummary } from './outcome.ts';

const words: Readonly<Record<StageAction, string>> = {
  reused: 'reused',
  ran: 'ran',
  failed: 'failed',
  skipped: 'skipped',
  planned: 'would run',
  unknown: 'may run',
};

/** The outcome of the stages as a table for a terminal: one line per stage, further reasons below it. */
export function renderStages(stages: readonly StageSummary[]): string {
  const rows = stages.map((stage) => ({
    cells: [
      stage.stage,
      words[stage.action],
      secondsText(stage),
      stage.key ? abbreviate(stage.key) : '—',
    ],
    reasons: stage.reasons,
  }));
  const widths = ['stage', 'result', 'seconds', 'key'].map((title, column) =>
    Math.max(title.length, ...rows.map(({ cells }) => cells[column]?.length ?? 0)),
  );
  const line = (cells: readonly string[]) =>
    cells
      .map((cell, column) =>
        column === 2 ? cell.padStart(widths[column] ?? 0) : cell.padEnd(widths[column] ?? 0),
      )
      .join('  ');
  const indent = ' '.repeat(line(['', '', '', '']).length + 2);
  return [
    line(['stage', 'result', 'seconds', 'key']).trimEnd(),
    ...rows.map(({ cells, reasons }) => `${line(cells)}  ${reasons.join(`\n${indent}`)}`.trimEnd()),
  ].join('\n');
}

/** The seconds of a reused result are what reusing it saved. */
function secondsText({ action, seconds }: StageSummary): string {
  if (action === 'reused') return `(${seconds.toFixed(1)})`;
  return action === 'ran' ? seconds.toFixed(1) : '';
}
