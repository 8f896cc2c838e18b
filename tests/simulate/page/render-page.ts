import { marked } from 'marked';
import type { Entry, EntryKind } from '../github/state.ts';
import type { PlayedStory } from '../stories/play-story.ts';
import { style } from './style.ts';

const signs: Readonly<Record<EntryKind, string>> = {
  push: '⬆',
  pull: '⇄',
  merge: '⇥',
  run: '▶',
  job: '·',
  comment: '“',
  status: '●',
  refused: '✗',
  deployment: '⇧',
  package: '▣',
  note: '…',
};

/**
 * One page with the timeline of every story and each comment as it looks. It loads and runs nothing: comments hold what
 * hostile pull requests wrote.
 */
export function renderPage(stories: readonly PlayedStory[]): string {
  const failed = stories.filter(({ error }) => error !== null).length;
  const links = stories.map(({ definition, error, seconds }) => {
    const sign = signOf(error);
    const name = escapeHtml(definition.name);
    return `<li>${sign} <a href="#${name}">${escapeHtml(definition.title)}</a> <small>${seconds.toFixed(0)} s</small></li>`;
  });
  return `<!doctype html>
<html lang="en">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'">
<title>Mainstem on a simulated GitHub</title>
<style>${style}</style>
<header>
<h1>Mainstem on a simulated GitHub</h1>
<p>${stories.length - failed} of ${stories.length} stories held. Each played the workflow files of this tree.</p>
<ol>${links.join('\n')}</ol>
</header>
${stories.map(renderStory).join('\n')}
</html>
`;
}

function renderStory({ definition, timeline, error }: PlayedStory): string {
  const start = timeline[0]?.at ?? 0;
  const wrong = error === null ? '' : `<pre class="wrong">${escapeHtml(messageOf(error))}</pre>`;
  return `<section id="${escapeHtml(definition.name)}">
<h2>${signOf(error)} ${escapeHtml(definition.title)}</h2>
${wrong}
<ul class="timeline">${timeline.map((entry) => renderEntry(entry, start)).join('\n')}</ul>
</section>`;
}

function renderEntry({ at, kind, text, detail }: Entry, start: number): string {
  const tone = toneOf(kind, text);
  const time = `<time>${((at - start) / 1000).toFixed(1)} s</time>`;
  const line = `${time}<span class="sign">${signs[kind]}</span><span>${escapeHtml(text)}</span>`;
  return `<li class="${kind} ${tone}"><div>${line}</div>${renderDetail(kind, detail)}</li>`;
}

function renderDetail(kind: EntryKind, detail: string | undefined): string {
  if (!detail) return '';
  if (kind === 'comment') return `<article>${renderComment(detail)}</article>`;
  return `<details><summary>log</summary><pre>${escapeHtml(detail)}</pre></details>`;
}

/** As GitHub shows it, near enough: tables, details and code; hidden markers stay hidden. */
function renderComment(body: string): string {
  return marked.parse(body, { gfm: true, async: false });
}

function toneOf(kind: EntryKind, text: string): string {
  if (text.startsWith('— ')) return 'chapter';
  if (kind === 'refused' || /: (failure|error)\b/.test(text)) return 'bad';
  if (/: (cancelled|skipped)/.test(text)) return 'faint';
  return /: success/.test(text) ? 'good' : '';
}

function signOf(error: unknown): string {
  return error === null ? '<span class="held">✓</span>' : '<span class="wrong">✗</span>';
}

function messageOf(error: unknown): string {
  return error instanceof Error ? (error.stack ?? error.message) : String(error);
}

function escapeHtml(text: string): string {
  return text.replace(
    /[&<>"]/g,
    (sign) => ({ '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;' })[sign] ?? sign,
  );
}
