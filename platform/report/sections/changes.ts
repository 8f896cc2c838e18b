import { ownValue } from '../../lib/own-value.ts';
import { renderSigned } from '../../lib/render-number.ts';
import { abbreviate } from '../../lib/text.ts';
import type { DataChange, Report } from '../report.ts';
import type { Block, ReportSection } from '../section.ts';

/** Parameters old → new, data and code since the champion. */
export function changeSection(report: Report): ReportSection | null {
  const { champion } = report;
  if (!champion) return parameterList(report);
  const blocks = [
    ...parameterBlocks(report),
    ...report.data.flatMap(dataBlocks),
    codeBlock(report),
  ];
  return { title: 'What changed', folded: false, blocks };
}

function parameterList({ parameters }: Report): ReportSection | null {
  if (parameters.length === 0) return null;
  const rows = parameters.map(({ key, after }) => [code(key), code(after ?? '')]);
  const table: Block = { kind: 'table', head: ['parameter', 'value'], rows, numeric: [] };
  return { title: 'Parameters', folded: true, blocks: [table] };
}

function parameterBlocks({ parameters }: Report): Block[] {
  if (parameters.length === 0) return [{ kind: 'text', text: 'No parameter changed.' }];
  const value = (text: string | null) => (text === null ? { text: 'absent' } : code(text));
  const rows = parameters.map(({ key, before, after }) => [code(key), value(before), value(after)]);
  return [{ kind: 'table', head: ['parameter', 'champion', 'candidate'], rows, numeric: [] }];
}

const kinds = ['added', 'removed', 'modified', 'relabelled'] as const;

function dataBlocks(change: DataChange): Block[] {
  const counts = kinds.filter((kind) => change[kind].count > 0);
  const summary =
    counts.map((kind) => `${change[kind].count} ${kind}`).join(', ') || 'other counts';
  const text: Block = { kind: 'text', text: `Data ${change.dataset}: ${summary}.` };
  const { before, after } = change.classes;
  const names = [...new Set([...Object.keys(before), ...Object.keys(after)])].sort();
  const rows = names.map((name) => {
    const [old, fresh] = [ownValue(before, name) ?? 0, ownValue(after, name) ?? 0];
    return [code(name), String(old), String(fresh), renderSigned(fresh - old)];
  });
  const head = ['class', 'before', 'after', 'Δ'];
  const files = kinds.flatMap((kind) =>
    change[kind].examples.slice(0, 3).map((path) => [kind, code(path)]),
  );
  const examples: Block = {
    kind: 'table',
    head: ['for example', 'file'],
    rows: files,
    numeric: [],
  };
  return [
    text,
    { kind: 'table', head, rows, numeric: [1, 2, 3] },
    ...(files.length > 0 ? [examples] : []),
  ];
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
