const unsafe = /[\p{Cc}\p{Zl}\p{Zp}\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069]/gu;
const named: Readonly<Record<string, string>> = { '\n': '\\n', '\r': '\\r', '\t': '\\t' };

/**
 * Text from outside (a name, a path, a value) as one line that a terminal shows as it is: control characters, line breaks
 * and marks that turn the direction of writing are escaped.
 *
 * @example printable('a\x1b[31mb\n.jpg') // 'a\\x1b[31mb\\n.jpg'
 */
export function printable(text: string): string {
  return text.replace(unsafe, (character) => named[character] ?? spell(character));
}

const invisible = /[\u200b\u2060\ufeff]/g;

/** A name as {@link printable} gives it, with the blanks that nobody sees escaped, too: in texts they part long words. */
export function printableName(name: string): string {
  return printable(name).replace(invisible, spell);
}

/**
 * Several lines of text from outside: their line breaks are kept, and everything else is escaped.
 *
 * @example printableLines('fatal: no\r\n\x07') // 'fatal: no\n\\x07'
 */
export function printableLines(text: string): string {
  return text
    .split(/\r?\n/)
    .map((line) => line.split('\t').map(printable).join('\t'))
    .join('\n');
}

function spell(character: string): string {
  const hex = character.charCodeAt(0).toString(16);
  return hex.length > 2 ? `\\u${hex.padStart(4, '0')}` : `\\x${hex.padStart(2, '0')}`;
}
