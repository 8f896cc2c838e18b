import { markdownText, plainText } from '../../../platform/lib/markdown.ts';
import { plural } from '../../../platform/lib/plural.ts';
import { shorten } from '../../../platform/lib/text.ts';
import { renderMarkdown } from '../../../platform/report/index.ts';
import type { JudgedProject, Judgement } from './judgement-file.ts';

/** One earlier push, in one line. */
export interface EarlierPush {
  readonly head: string;
  readonly verdict: string;
}

/** What the comment says of itself, for the next push to fold. */
export interface CommentState extends EarlierPush {
  readonly earlier: readonly EarlierPush[];
}

/** GitHub refuses a comment of more than 65,536 characters; the markers, which hold earlier verdicts, need the rest. */
const mostCharacters = 52_000;
/** Less than this shows nothing of a report. */
const leastCharacters = 4_000;
const mostEarlier = 20;
const longestVerdict = 120;
const mostWarnings = 8;

/** The one comment of a pull request: all projects, and earlier pushes in one line each. */
export function renderComment(
  judgement: Judgement,
  before: CommentState | null,
): { body: string; state: CommentState } {
  const { head, projects } = judgement;
  const verdict = shorten(verdictOf(projects), longestVerdict);
  const state = { head, verdict, earlier: earlierOf(before, head) };
  const top = [...renderWarnings(judgement), ...renderOverview(projects)];
  const bottom = [
    ...renderEarlier(state.earlier),
    `<sub>Measured by the default branch’s code for ${short(head)}.</sub>`,
  ];
  const room = mostCharacters - [...top, ...bottom].join('\n\n').length;
  return { body: [...top, ...renderProjects(projects, room), ...bottom].join('\n\n'), state };
}

function renderWarnings({ blocked, notices }: Judgement): string[] {
  const warnings = [...(blocked === null ? [] : [blocked]), ...notices];
  const rest = warnings.length - mostWarnings;
  return [...warnings.slice(0, mostWarnings), ...(rest > 0 ? [`And ${rest} more.`] : [])].map(
    (text) => `> ⚠️ ${markdownText(text)}`,
  );
}

/** What decides, for all projects at a glance; of a single one its own first lines say it. */
function renderOverview(projects: readonly JudgedProject[]): string[] {
  if (projects.length === 0) {
    return ['## ➖ Nothing to judge', 'Nothing that this pull request changes decides a result.'];
  }
  if (projects.length === 1) return [];
  const rows = projects.map(({ project, report, gates, promotion }) => {
    const cells = [
      project,
      report?.verdict ?? 'no result',
      gates.description,
      promotion.description,
    ];
    const mark = gates.state === 'success' ? '✅' : '❌';
    const [name = '', verdict = '', ...told] = cells.map((text) =>
      markdownText(shorten(text, 120)),
    );
    return `| **${name}** | ${verdict} | ${mark} ${told.join(' | ')} |`;
  });
  const failed = projects.filter(({ gates }) => gates.state !== 'success').length;
  const title =
    failed === 0
      ? `✅ ${projects.length} projects`
      : `❌ ${failed} of ${projects.length} projects stopped`;
  const table = ['| project | verdict | gates | promotion |', '| --- | --- | --- | --- |', ...rows];
  return [`# ${title}`, table.join('\n')];
}

/** What the comment says where the judging job failed. */
export function renderFailed(run: string, before: CommentState | null): string {
  return [
    '## ❌ Not judged',
    `The judging job failed: [its run](${run}) says why. Nothing is promoted; a new push is judged again.`,
    ...renderEarlier(before ? earlierOf(before, '') : []),
  ].join('\n\n');
}

/** What the comment says while the experiment runs; the result of the push before stays readable below. */
export function renderRunning(head: string, run: string, before: CommentState | null): string {
  const last = before
    ? `Before it, ${short(before.head)}: ${markdownText(before.verdict)}.`
    : 'The result will stand here.';
  return [
    `## ⏳ Training ${short(head)}`,
    `[The run](${run}) validates, trains and measures. ${last}`,
    ...renderEarlier(before ? earlierOf(before, head) : []),
  ].join('\n\n');
}

/** Each project as far as the room goes; of those that it is not enough for the overview says what decides. */
function renderProjects(projects: readonly JudgedProject[], room: number): string[] {
  const parts: string[] = [];
  let spare = room - leftOut(projects.length).length;
  for (const [index, project] of projects.entries()) {
    const each = Math.floor(spare / (projects.length - index));
    const text = renderProject(project, Math.max(leastCharacters, each));
    if (text.length + 2 > spare) return [...parts, leftOut(projects.length - index)];
    spare -= text.length + 2;
    parts.push(text);
  }
  return parts;
}

function leftOut(projects: number): string {
  return `_${plural(projects, 'project')} left out to keep this short; the artefact of the judging run holds all of it._`;
}

function renderProject(project: JudgedProject, most: number): string {
  if (!project.report) return renderUnreported(project);
  return renderMarkdown(project.report, { most, promotion: project.promotion.description });
}

function renderUnreported({ project, data, gates, promotion }: JudgedProject): string {
  const failed = [data, gates, promotion].some(({ state }) => state !== 'success');
  const sentences = [data, gates, promotion].map(({ description }) => markdownText(description));
  return `## ${failed ? '❌' : '➖'} ${markdownText(project)}\n\n${[...new Set(sentences)].join(' ')}`;
}

function renderEarlier(earlier: readonly EarlierPush[]): string[] {
  if (earlier.length === 0) return [];
  const lines = earlier.map(({ head, verdict }) => `- ${short(head)}: ${markdownText(verdict)}`);
  return [
    `<details><summary>Earlier pushes (${earlier.length})</summary>\n\n${lines.join('\n')}\n\n</details>`,
  ];
}

function earlierOf(before: CommentState | null, head: string): EarlierPush[] {
  if (!before) return [];
  const all = before.head === head ? before.earlier : [before, ...before.earlier];
  return all.slice(0, mostEarlier).map((push) => ({
    head: push.head,
    verdict: shorten(plainText(push.verdict), longestVerdict),
  }));
}

function verdictOf(projects: readonly JudgedProject[]): string {
  if (projects.length === 0) return 'no project affected';
  return projects
    .map(({ project, report, gates }) => {
      const verdict = report?.verdict ?? 'no result';
      return `${project} ${verdict}${gates.state === 'success' ? '' : ', stopped'}`;
    })
    .join('; ');
}

/** A commit's first digits as code: GitHub would link the bare digits to whatever has them. */
function short(sha: string): string {
  return `\`${sha.slice(0, 7)}\``;
}
