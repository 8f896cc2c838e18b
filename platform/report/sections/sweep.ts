import { plural } from '../../lib/plural.ts';
import { renderDuration } from '../../lib/render-duration.ts';
import { renderNumber } from '../../lib/render-number.ts';
import {
  findMetric,
  metricLabel,
  renderMetric,
  renderMetricDifference,
  renderMetricInterval,
} from '../../quality/index.ts';
import type { SweepTrial } from '../../schemas/index.ts';
import type { Block, Drawing, ReportCell, ReportSection, Table } from '../section.ts';
import type { SweepReport } from '../sweep-report.ts';
import type { Headline } from './headline.ts';

type Objective = SweepReport['objectives'][number];

/** What a sweep found, in one title and a few sentences. */
export function sweepHeadline(report: SweepReport): Headline {
  const { project, best, comparison } = report;
  const [verdict, icon] =
    best === 0
      ? ['nothing better than today’s parameters', '➖']
      : comparison?.verdict === 'within noise'
        ? ['nothing beyond noise', '❔']
        : ['better parameters', '✅'];
  const tone = icon === '✅' ? 'good' : 'plain';
  const sentences = [progressOf(report), bestOf(report), adviceOf(report)].filter(Boolean);
  return {
    title: `${project.name}: ${verdict}`,
    tone,
    icon,
    sentences,
    notices: noticesOf(report),
  };
}

function progressOf({ method, trials, planned, seconds, ended }: SweepReport): string {
  const own = trials.filter(({ trial }) => trial !== 0);
  const count = (status: SweepTrial['status']) =>
    own.filter((trial) => trial.status === status).length;
  const parts = [
    `${count('done')} trained`,
    ...(count('stopped') > 0 ? [`${count('stopped')} given up early`] : []),
    ...(count('failed') > 0 ? [`${count('failed')} failed`] : []),
  ];
  const rest = {
    complete: '',
    time: ' Its time was up; the same command goes on.',
    exhausted: ' There are no further combinations.',
    partial: ' One of its jobs left nothing.',
  }[ended];
  return `${own.length} of ${plural(planned, 'trial')} by ${method} in ${renderDuration(seconds)}: ${parts.join(', ')}.${rest}`;
}

function bestOf(report: SweepReport): string {
  const { best, comparison, objectives } = report;
  const [objective] = objectives;
  const [found, today] = [trialOf(report, best), trialOf(report, 0)];
  if (!objective || !found || !today) return '';
  const value = (trial: SweepTrial) => reachedOf(objective, trial);
  const label = labelOf(objective.name);
  if (best === 0)
    return `On validation no trial has a better ${label} than today’s ${value(today)}.`;
  const told = `Trial ${best} has a ${label} of ${value(found)} on validation, today’s parameters ${value(today)}`;
  if (!comparison) return `${told}.`;
  const { metric, examples, difference, low, high, corrected } = comparison;
  const other = metric === objective.name ? '' : ` of the ${labelOf(metric)}`;
  const interval = renderMetricInterval(metric, { low, high });
  const wide = renderMetricInterval(metric, corrected);
  return `${told}; on ${plural(examples, 'example')} the difference${other} is ${renderMetricDifference(metric, difference)} (95 % interval ${interval}; for the best of all that were tried ${wide}).`;
}

function adviceOf({ best, comparison }: SweepReport): string {
  if (best === 0 || !comparison) return '';
  if (comparison.verdict === 'better') {
    return 'The test split was not looked at: the experiment says what the new parameters are worth.';
  }
  return 'The best of so many looks this good by chance: there is no evidence that today’s parameters are worse.';
}

function noticesOf({ trials, comparison }: SweepReport): string[] {
  const failed = trials.filter(({ status }) => status === 'failed').length;
  const few = comparison && comparison.examples < 100;
  return [
    ...(few
      ? [`${comparison.examples} validation examples tell only large differences apart.`]
      : []),
    ...(failed > 0 && failed === trials.length - 1 ? ['Every trial failed.'] : []),
  ];
}

/** The parts of a sweep's page. */
export function composeSweep(report: SweepReport): ReportSection[] {
  return [
    applySection(report),
    { title: 'Trials', folded: false, blocks: [trialTable(report)] },
    frontSection(report),
    progressSection(report),
    failureSection(report),
  ].flatMap((section) => section ?? []);
}

function applySection({ project, best, comparison }: SweepReport): ReportSection | null {
  if (best === 0) return null;
  const text = `Writes the values of trial ${best} into params.json; with a number after it, those of another one.`;
  const command = `npx mainstem sweep ${project.name} --apply`;
  const blocks: Block[] = [
    { kind: 'command', text: command },
    { kind: 'text', text },
  ];
  const sure = comparison?.verdict !== 'within noise';
  const title = sure ? 'To take it over' : 'To take it over all the same';
  return { title, folded: false, blocks };
}

function trialTable(report: SweepReport): Table {
  const { axes, objectives } = report;
  const rows = ranked(report).map((trial) => rowOf(report, trial));
  const measured = objectives.map(({ name }) => labelOf(name));
  return {
    kind: 'table',
    head: ['trial', ...axes.map(({ key }) => key), ...measured, ''],
    rows,
    numeric: [0, ...objectives.map((_, place) => 1 + axes.length + place)],
    drawing: parallelOf(report),
  };
}

function rowOf({ axes, objectives, best, front }: SweepReport, trial: SweepTrial) {
  const cells: (ReportCell | string)[] = [
    String(trial.trial),
    ...axes.map(({ key }) => ({ text: valueText(trial.values[key]), code: true })),
    ...objectives.map((objective, place) => {
      const text = reachedOf(objective, trial);
      return place === 0 && trial.trial === best ? { text, tone: 'good' as const } : text;
    }),
    noteOf(trial, best, objectives.length > 1 && front.includes(trial.trial)),
  ];
  return cells;
}

function noteOf(trial: SweepTrial, best: number, unbeaten: boolean): string {
  const words = [
    ...(trial.trial === best ? ['best'] : []),
    ...(trial.trial === 0 ? ['today'] : []),
    ...(unbeaten && trial.trial !== best ? ['unbeaten'] : []),
    ...(trial.status === 'failed' ? [`failed: ${trial.error?.code}`] : []),
    ...(trial.status === 'stopped' && trial.loss !== null
      ? [`given up after ${trial.epochs}, loss ${renderNumber(trial.loss)}`]
      : []),
  ];
  return words.join(', ');
}

/** The best first; then those that were given up, the longest first; then those that failed. */
function ranked({ trials, objectives }: SweepReport): SweepTrial[] {
  const [objective] = objectives;
  const order = { done: 0, stopped: 1, failed: 2 } as const;
  return trials.toSorted((a, b) => {
    const rank = order[a.status] - order[b.status];
    if (rank !== 0 || !objective) return rank || a.trial - b.trial;
    if (a.status === 'done')
      return lossOf(objective, a) - lossOf(objective, b) || a.trial - b.trial;
    return (b.epochs ?? 0) - (a.epochs ?? 0) || (a.loss ?? 0) - (b.loss ?? 0) || a.trial - b.trial;
  });
}

function frontSection(report: SweepReport): ReportSection | null {
  const { objectives, front, trials } = report;
  if (objectives.length < 2) return null;
  const names = objectives.map(({ name }) => labelOf(name)).join(', ');
  const text = `No other trial is at least as good as these in all of ${names} and better in one.`;
  const [first] = objectives;
  const unbeaten = trials
    .filter(({ trial }) => front.includes(trial))
    .toSorted((a, b) => (first ? lossOf(first, a) - lossOf(first, b) : 0));
  const table: Table = {
    kind: 'table',
    head: ['trial', ...objectives.map(({ name }) => labelOf(name))],
    rows: unbeaten.map((trial) => [
      String(trial.trial),
      ...objectives.map((objective) => reachedOf(objective, trial)),
    ]),
    numeric: [0, ...objectives.map((_, place) => place + 1)],
  };
  return {
    title: 'Unbeaten (Pareto front)',
    folded: false,
    blocks: [{ kind: 'text', text }, table],
  };
}

/** The best result so far after each trial that was trained whole. */
function progressSection({ trials, objectives }: SweepReport): ReportSection | null {
  const [objective] = objectives;
  const done = trials.filter(({ status }) => status === 'done');
  if (!objective || done.length < 2) return null;
  const values = done.map(({ metrics }) => metrics[objective.name] ?? 0);
  const better = objective.better === 'lower' ? Math.min : Math.max;
  const soFar = values.map((_, place) => better(...values.slice(0, place + 1)));
  return {
    title: 'Best so far',
    folded: false,
    blocks: [
      {
        kind: 'chart',
        ...{ title: labelOf(objective.name), step: 'trial', from: 0, to: done.length - 1 },
        series: [
          { name: 'best so far', values: soFar },
          { name: 'this trial', values },
        ],
      },
    ],
  };
}

function failureSection({ trials }: SweepReport): ReportSection | null {
  const failed = trials.flatMap(({ trial, error }) => (error ? [{ trial, ...error }] : []));
  if (failed.length === 0) return null;
  const rows = failed.map(({ trial, code, message }) => [
    String(trial),
    { text: code, code: true },
    message,
  ]);
  const table: Table = { kind: 'table', head: ['trial', 'error', ''], rows, numeric: [0] };
  return { title: plural(failed.length, 'failed trial'), folded: true, blocks: [table] };
}

/** A line for each trial through one axis per parameter and objective. */
function parallelOf(report: SweepReport): Drawing {
  const { axes, objectives, trials, best } = report;
  const order = ranked(report);
  const parameters = axes.map(({ key, positions }) => ({
    ...{ name: key, positions },
    texts: trials.map(({ values }) => valueText(values[key])),
  }));
  const measured = objectives.map((objective) => ({
    name: labelOf(objective.name),
    positions: scaled(trials.map(({ metrics }) => metrics[objective.name] ?? null)),
    texts: trials.map((trial) => reachedOf(objective, trial)),
  }));
  const all = [...parameters, ...measured];
  return {
    kind: 'parallel',
    title: 'Every trial, and what it reached',
    axes: all.map(({ name, positions, texts }) => {
      const at = (end: number) => texts[positions.indexOf(end)] ?? '';
      const known = positions.filter((position) => position !== null);
      return { name, low: at(Math.min(...known)), high: at(Math.max(...known)) };
    }),
    lines: trials.map((trial, place) => ({
      name: trial.trial === 0 ? 'today' : trial.trial === best ? `best: ${best}` : `${trial.trial}`,
      role: trial.trial === best ? 'best' : trial.trial === 0 ? 'today' : 'other',
      strength: 1 - order.indexOf(trial) / Math.max(1, order.length - 1),
      positions: all.map(({ positions }) => positions[place] ?? null),
      texts: all.map(({ texts }) => texts[place] ?? ''),
    })),
  };
}

/** Values between the lowest, 0, and the highest, 1. */
function scaled(values: readonly (number | null)[]): (number | null)[] {
  const known = values.filter((value) => value !== null);
  const [low, high] = [Math.min(...known), Math.max(...known)];
  return values.map((value) => (value === null ? null : (value - low) / (high - low || 1)));
}

function trialOf({ trials }: SweepReport, number: number): SweepTrial | undefined {
  return trials.find(({ trial }) => trial === number);
}

function lossOf({ name, better }: Objective, { metrics }: SweepTrial): number {
  const value = metrics[name] ?? Number.NaN;
  return better === 'lower' ? value : -value;
}

function reachedOf({ name }: Objective, { metrics }: SweepTrial): string {
  const value = metrics[name];
  if (value === undefined) return '–';
  if (name === 'modelBytes') return `${(value / 1000).toFixed(1)} kB`;
  return name === 'latencyMs' ? `${renderNumber(value)} ms` : renderMetric(name, value);
}

function labelOf(name: string): string {
  if (findMetric(name)) return metricLabel(name);
  return { modelBytes: 'size', latencyMs: 'latency' }[name] ?? name;
}

function valueText(value: unknown): string {
  if (value === undefined) return '–';
  return typeof value === 'string' ? value : JSON.stringify(value);
}
