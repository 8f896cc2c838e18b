import { markdownText } from '../../../platform/lib/markdown.ts';
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

/** So many characters leave room for markers below GitHub's 65,536. */
const mostCharacters = 60_000;
const mostEarlier = 20;

/** The one comment of a pull request: all projects, and earlier pushes in one line each. */
export function renderComment(
  judgement: Judgement,
  before: CommentState | null,
): { body: string; state: CommentState } {
  const { head, projects, notices, blocked } = judgement;
  const state = { head, verdict: verdictOf(projects), earlier: earlierOf(before, head) };
  const warnings = [...(blocked === null ? [] : [blocked]), ...notices];
  const parts = [
    ...warnings.map((text) => `> ⚠️ ${markdownText(text)}`),
    ...(projects.length === 0 ? ['Nothing that this pull request changes decides a result.'] : []),
    ...renderProjects(projects, mostCharacters - 6_000),
    ...renderEarlier(state.earlier),
    `<sub>Measured by the default branch’s code for ${short(head)}.</sub>`,
  ];
  return { body: parts.join('\n\n'), state };
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

function renderProjects(projects: readonly JudgedProject[], room: number): string[] {
  const each = Math.floor(room / Math.max(1, projects.length));
  return projects.map((project) => {
    if (!project.report) return renderUnreported(project);
    const promotion = `**Promotion:** ${markdownText(project.promotion.description)}`;
    return `${renderMarkdown(project.report, each)}\n${promotion}`;
  });
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
  const { earlier } = before;
  const all =
    before.head === head ? earlier : [{ head: before.head, verdict: before.verdict }, ...earlier];
  return all.slice(0, mostEarlier);
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
