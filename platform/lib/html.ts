import { plainText } from './markdown.ts';

const entities: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
};

/**
 * Untrusted words inside an HTML page, as text or as a quoted attribute: on one line, without invisible characters.
 *
 * @example escapeHtml('<b>*x*') // '&lt;b&gt;*x*'
 */
export function escapeHtml(text: string): string {
  return escapeAll(plainText(text));
}

/**
 * A value as JSON inside a quoted attribute, whole and of any length.
 *
 * @example jsonAttribute({ a: '"' }) // '{&quot;a&quot;:&quot;\\&quot;&quot;}'
 */
export function jsonAttribute(value: unknown): string {
  return escapeAll(JSON.stringify(value));
}

function escapeAll(text: string): string {
  return text.replace(/[&<>"']/g, (character) => entities[character] ?? '');
}
