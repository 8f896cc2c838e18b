import { ownValue } from '../../lib/own-value.ts';
import { renderSigned } from '../../lib/render-number.ts';
import { abbreviate } from '../../lib/text.ts';
import type { DataChange, Report } from '../report.ts';
import type { Block, ReportSection } from '../section.ts';

/** So many changed parameters are shown at once; the others are folded. */
const mostParameters = 8;

/** Parameters old → new, data and code since the champion. */
export function changeSection(report: Report): ReportSection | null {
  if (!report.champion) return null;
  const blocks = [
    parameterBlock(report, mostParameters),
    ...report.data.map(summary),
    codeBlock(report),
  ];
  return { title: 'What changed', folded: false, blocks };
}

/** All parameters of a first model; of another, those that changed, where they are many. */
export function parameterSection(report: Report): ReportSection | null {
  const { champion, parameters } = report;
  if (parameters.length === 0 || (champion && parameters.length <= mostParameters)) return null;
  const title = champion ? `All ${parameters.length} parameters that changed` : 'Parameters';
  return { title, folded: true, blocks: [parameterBlock(report, parameters.length)] };
}

function parameterBlock({ parameters, champion }: Report, most: number): Block {
  if (parameters.length === 0) return { kind: 'text', text: 'No parameter changed.' };
  const value = (text: string | null) => (text === null ? { text: 'absent' } : code(text));
  const rows = parameters
    .slice(0, most)
    .map(({ key, before, after }) => [
      code(key),
      ...(champion ? [value(before)] : []),
      value(after),
    ]);
  const rest = parameters.length - rows.length;
  const more = rest > 0 ? [[`and ${rest} more, below`, '', '']] : [];
  const head = champion ? ['parameter', 'champion', 'candidate'] : ['parameter', 'value'];
  return { kind: 'table', head, rows: [...rows, ...more], numeric: [] };
}

const kinds = ['added', 'removed', 'modified', 'relabelled'] as const;

function countsOf(change: DataChange): string {
  const counts = kinds.filter((kind) => change[kind].count > 0);
  return counts.map((kind) => `${change[kind].count} ${kind}`).join(', ') || 'other counts';
}

/** The classes whose number of examples changed, most first. */
function classChanges({ classes: { before, after } }: DataChange) {
  const names = [...new Set([...Object.keys(before), ...Object.keys(after)])].sort();
  return names
    .map((name) => ({
      name,
      before: ownValue(before, name) ?? 0,
      after: ownValue(after, name) ?? 0,
    }))
    .filter((one) => one.before !== one.after);
}

const mostClasses = 6;

function summary(change: DataChange): Block {
  const changes = classChanges(change);
  const named = changes
    .slice(0, mostClasses)
    .map(({ name, before, after }) => `${name} ${renderSigned(after - before)}`);
  const more = changes.length > mostClasses ? [`${changes.length - mostClasses} more classes`] : [];
  const classes = named.length > 0 ? ` (${[...named, ...more].join(', ')})` : '';
  return { kind: 'text', text: `Data ${change.dataset}: ${countsOf(change)}${classes}.` };
}

/** Classes before and after, and some of the files that changed. */
export function dataSection({ data }: Report): ReportSection | null {
  if (data.length === 0) return null;
  const title = `Changed data: ${data.map((change) => `${change.dataset} ${countsOf(change)}`).join('; ')}`;
  return { title, folded: true, blocks: data.flatMap(dataBlocks) };
}

function dataBlocks(change: DataChange): Block[] {
  const rows = classChanges(change).map(({ name, before, after }) => [
    code(name),
    String(before),
    String(after),
    renderSigned(after - before),
  ]);
  const files = kinds.flatMap((kind) => change[kind].examples.map((path) => [kind, code(path)]));
  const head = ['class', 'before', 'after', 'Δ'];
  return [
    { kind: 'text', text: `Data ${change.dataset}` },
    ...table({ head, rows, numeric: [1, 2, 3] }),
    ...table({ head: ['for example', 'file'], rows: files, numeric: [] }),
  ];
}

function table(content: Omit<Extract<Block, { kind: 'table' }>, 'kind'>): Block[] {
  return content.rows.length > 0 ? [{ kind: 'table', ...content }] : [];
}

function codeBlock({ candidate, champion, dataChanged, data }: Report): Block {
  const stages = Object.keys(candidate.stages).filter(
    (name) => candidate.stages[name] !== champion?.stages[name],
  );
  const unseen = dataChanged.filter((name) => !data.some(({ dataset }) => dataset === name));
  const sentences = [
    dataChanged.length === 0 ? 'The data is the same.' : '',
    unseen.length > 0 ? `Data changed, file by file not known here: ${unseen.join(', ')}.` : '',
    stages.length > 0 ? `Stages that differ: ${stages.join(', ')}.` : 'Every stage is the same.',
    champion ? `Code ${renderCommit(champion)} → ${renderCommit(candidate)}.` : '',
  ];
  return { kind: 'text', text: sentences.filter(Boolean).join(' ') };
}

/**
 * The commit's first 12 digits, and whether the tree differed from it.
 *
 * @example renderCommit({ commit: null, dirty: true }) // 'outside git'
 */
export function renderCommit({ commit, dirty }: { commit: string | null; dirty: boolean }): string {
  if (!commit) return 'outside git';
  return `${abbreviate(commit)}${dirty ? ' with uncommitted changes' : ''}`;
}

function code(text: string) {
  return { text, code: true };
}
