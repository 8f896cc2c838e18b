const longest = 300;

/**
 * Untrusted text on one line: no control characters (they move a terminal's cursor or break a table), no
 * invisible ones that reorder what is read, no more than 300 characters.
 */
export function plainText(text: string): string {
  const line = text.replace(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\p{Cs}]+/gu, ' ').trim();
  return line.length > longest ? `${line.slice(0, longest - 1)}…` : line;
}

/**
 * Untrusted words inside Markdown: nothing of them is markup, HTML, a mention, an issue or a link. Zero-width
 * spaces break what GitHub would link by itself.
 */
export function markdownText(text: string): string {
  return plainText(text)
    .replaceAll('&', '&amp;')
    .replaceAll('<', '&lt;')
    .replaceAll('>', '&gt;')
    .replace(/[\\`*_[\]|~$]/g, '\\$&')
    .replace(/[@#]|:(?=\/\/)|www(?=\.)/gi, '$&\u200b');
}

/**
 * An untrusted name as a code span: there nothing is markup but the span's own end and a table's bar. Parsers
 * disagree about a bar behind a backslash, so both are replaced by look-alikes.
 */
export function markdownCode(text: string): string {
  const inside = plainText(text).replaceAll('`', "'").replaceAll('|', '¦');
  return inside === '' ? '' : `\`${inside}\``;
}
