/**
 * Renders a JSON value as YAML: block style, in the order of its keys, the same bytes for equal values. What is not plainly a word
 * stands in double quotes, so that readers of YAML 1.1 and 1.2 see the same text. What is undefined is left out.
 *
 * @example renderYaml({ kind: 'Job', args: ['run', '3'] }) // 'kind: Job\nargs:\n  - run\n  - "3"\n'
 */
export function renderYaml(value: unknown): string {
  return `${block(value).join('\n')}\n`;
}

/** The lines of a value. */
function block(value: unknown): string[] {
  if (Array.isArray(value) && value.length > 0) {
    return value.flatMap((item) => indented(block(item), '- '));
  }
  const entries = entriesOf(value);
  if (entries.length === 0) return [scalar(value)];
  return entries.flatMap(([key, item]) => {
    const lines = block(item);
    const isNested = Array.isArray(item) ? item.length > 0 : entriesOf(item).length > 0;
    return isNested ? [`${word(key)}:`, ...indented(lines, '  ')] : [`${word(key)}: ${lines[0]}`];
  });
}

function entriesOf(value: unknown): [string, unknown][] {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return [];
  return Object.entries(value).filter(([, item]) => item !== undefined);
}

function indented([first = '', ...rest]: readonly string[], start: string): string[] {
  return [`${start}${first}`, ...rest.map((line) => `  ${line}`)];
}

function scalar(value: unknown): string {
  if (typeof value === 'string') return word(value);
  if (typeof value === 'object' && value !== null) return Array.isArray(value) ? '[]' : '{}';
  return JSON.stringify(value);
}

/** Words that some reader of YAML takes for something other than text; `e5` for a number without digits before its exponent. */
const taken = /^(y|n|yes|no|on|off|true|false|null|e[-.\d_]+)$/i;

function word(text: string): string {
  if (/^[A-Za-z/][\w./-]*$/.test(text) && !taken.test(text)) return text;
  return JSON.stringify(text).replace(unprintable, escapeCharacter);
}

/** JSON lets these stand as they are; YAML does not. */
const unprintable = /[\u007f-\u009f\u2028\u2029\ufeff\ufffe\uffff]/g;

function escapeCharacter(character: string): string {
  return `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`;
}
