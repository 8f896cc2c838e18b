import { escapeHtml } from '../../../platform/lib/html.ts';

/** What the exported page's HTML depends on. */
export interface IndexParts {
  /** `serving/web/index.html`. */
  readonly html: string;
  /** The footer of the page without a network. */
  readonly field: string;
  readonly title: string;
  /** Where corrections go. */
  readonly server: string | null;
}

/** Makes of the server's page the one that is exported: the same but for what only a server has. */
export function renderIndex({ html, field, title, server }: IndexParts): string {
  const head = [
    `<meta http-equiv="content-security-policy" content="${escapeHtml(policyFor(server))}" />`,
    '<link rel="manifest" href="manifest.webmanifest" />',
    '<link rel="apple-touch-icon" href="icon-192.png" />',
    '<link rel="stylesheet" href="field.css" />',
    '<script type="module" src="field.js"></script>',
  ];
  const changes: readonly (readonly [RegExp, string])[] = [
    [/(?<=<meta charset="utf-8" \/>\n)/, head.map((line) => `    ${line}\n`).join('')],
    [/(?<=<title>).*?(?=<\/title>)/, escapeHtml(title)],
    [/ *<p><a class="programs" href="docs">.*?<\/a><\/p>\n/, ''],
    [/(?= *<template id="answer">)/, field],
    [/(?<=This page needs JavaScript\.).*?(?=<\/p>)/, ''],
  ];
  return changes.reduce(change, html);
}

/**
 * What the page may load and reach: its own files and the server of corrections. Pages that frame it cannot be refused here:
 * browsers heed that in a header only.
 */
function policyFor(server: string | null): string {
  const reached = server === null ? "'self'" : `'self' ${new URL(server).origin}`;
  return [
    ...["default-src 'none'", "script-src 'self'", "style-src 'self'", "img-src 'self' blob:"],
    ...[`connect-src ${reached}`, "worker-src 'self'", "manifest-src 'self'", "base-uri 'none'"],
    "form-action 'none'",
  ].join('; ');
}

function change(html: string, [place, text]: readonly [RegExp, string]): string {
  if (!place.test(html)) throw new Error(`serving/web/index.html lacks what ${place} looks for`);
  return html.replace(place, () => text);
}
