const longest = 300;

/**
 * Untrusted text on one line: no control characters (they move a terminal's cursor or break a table), no
 * invisible ones that reorder what is read, no more than 300 characters.
 */
export function plainText(text: string): string {
  const line = text.replace(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\p{Cs}]+/gu, ' ').trim();
  if (line.length <= longest) return line;
  const start = line.slice(0, longest - 1).replace(/\p{Cs}$/u, '');
  return `${start.trimEnd()}…`;
}

/**
 * Untrusted text on one line in which GitHub links nothing by itself: no mention, issue, commit, address or custom
 * autolink. For titles and commit messages, which know no other markup. Zero-width spaces do it, so the text looks as it was.
 *
 * @example unlinkedText('fixes #1 of @jen') // 'fixes #\u200b1 of @\u200bjen'
 */
export function unlinkedText(text: string): string {
  return plainText(text)
    .replace(/[@#]|:(?=\/\/)|www(?=\.)|GH(?=-\d)/gi, '$&\u200b')
    .replace(/\b[A-Z]{2,}(?=-\d)/g, '$&\u200b')
    .replace(/\b[0-9a-f]{6}(?=[0-9a-f]{34,}\b)/gi, '$&\u200b');
}

/**
 * Untrusted words inside Markdown: nothing of them is markup, HTML, a mention, an issue or a link.
 *
 * @example markdownText('<b>*x*') // '&lt;b&gt;\\*x\\*'
 */
export function markdownText(text: string): string {
  return unlinkedText(text)
    .replaceAll('&', '&amp;')
    .replaceAll('<', '&lt;')
    .replaceAll('>', '&gt;')
    .replace(/[\\`*_[\]|~$]/g, '\\$&')
    .replace(/^([-+=]+|\d{1,9}[.)])(?=\s|$)/, escapeLast);
}

/**
 * Untrusted words inside an HTML element such as a summary: Markdown is not read there, so a backslash would show.
 *
 * @example htmlText('<b>*x*') // '&lt;b&gt;*x*'
 */
export function htmlText(text: string): string {
  return unlinkedText(text)
    .replaceAll('&', '&amp;')
    .replaceAll('<', '&lt;')
    .replaceAll('>', '&gt;')
    .replaceAll('"', '&quot;');
}

/** What would begin a list, a heading or a rule at the start of a line: `-`, `1.`, `===`. */
function escapeLast(marker: string): string {
  return `${marker.slice(0, -1)}\\${marker.slice(-1)}`;
}

/**
 * An untrusted name as a code span: there nothing is markup but the span's own end and a table's bar. Parsers
 * disagree about a bar behind a backslash, so both are replaced by look-alikes.
 *
 * @example markdownCode('a|b') // '`a¦b`'
 */
export function markdownCode(text: string): string {
  const inside = plainText(text).replaceAll('`', "'").replaceAll('|', '¦');
  return inside === '' ? '' : `\`${inside}\``;
}
