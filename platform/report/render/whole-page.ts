import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { escapeHtml } from '../../lib/html.ts';

/** What a page is made of. */
export interface WholePage {
  readonly title: string;
  /** Text of the style sheet, which may use the colours of theme.css. */
  readonly style: string;
  /** Texts of the scripts, run one after the other once the body is there. */
  readonly scripts: readonly string[];
  /** As HTML. */
  readonly body: readonly string[];
}

/**
 * A page that needs nothing else: its policy lets the browser run and load only what stands in it, by these very bytes.
 *
 * @example buildWholePage({ title: 'Pumpkins', style, scripts: [readChartJs()], body }).startsWith('<!doctype html>') // true
 */
export function buildWholePage({ title, style: own, scripts, body }: WholePage): string {
  const style = `${readFileSync(new URL('theme.css', import.meta.url), 'utf8')}${own}`;
  return [
    `<!doctype html><html lang="en"><head><meta charset="utf-8"><title>${escapeHtml(title)}</title>`,
    `<meta http-equiv="Content-Security-Policy" content="${policyOf(style, scripts)}">`,
    '<meta name="viewport" content="width=device-width, initial-scale=1">',
    `<style>${style}</style></head><body>`,
    ...body,
    ...scripts.map((script) => `<script>${script}</script>`),
    '</body></html>\n',
  ].join('\n');
}

/** Chart.js, which leaves `Chart` behind, without the address of a map that a page does not have. */
export function readChartJs(): string {
  const entry = import.meta.resolve('chart.js');
  const text = readFileSync(new URL('../dist/chart.umd.min.js', entry), 'utf8');
  return text.replace(/\n?\/\/# sourceMappingURL=.*\s*$/, '').trimEnd();
}

function policyOf(style: string, scripts: readonly string[]): string {
  const hash = (text: string) => `'sha256-${createHash('sha256').update(text).digest('base64')}'`;
  return [
    "default-src 'none'",
    `script-src ${scripts.map(hash).join(' ')}`,
    `style-src ${hash(style)}`,
    'img-src data:',
    "base-uri 'none'",
    "form-action 'none'",
  ].join('; ');
}
