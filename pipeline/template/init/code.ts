/* How values are written as TypeScript, the way the formatter of the repository would. */

const lineWidth = 100;

/** A string literal, in single quotes unless that needs more escapes. */
export function quote(text: string): string {
  const double = JSON.stringify(text);
  if (text.includes("'") && !text.includes('"')) return double;
  return `'${double.slice(1, -1).replaceAll('\\"', '"').replaceAll("'", "\\'")}'`;
}

/** An object's key, quoted only if it must be. Written plainly, `__proto__` would set what the object inherits. */
export function key(name: string): string {
  if (name === '__proto__') return "['__proto__']";
  return /^[A-Za-z_$][\w$]*$/.test(name) ? name : quote(name);
}

/** A property `key: value`; the value goes to a line of its own if the line would be too long. */
export function property(indent: number, name: string, value: string): string {
  const head = `${' '.repeat(indent)}${key(name)}:`;
  if (head.length + value.length + 2 <= lineWidth) return `${head} ${value},`;
  return `${head}\n${' '.repeat(indent + 2)}${value},`;
}

/** An array of literals, one per line if they do not fit in `room` columns. */
export function list(indent: number, literals: readonly string[], room: number): string {
  const line = `[${literals.join(', ')}]`;
  if (line.length <= room) return line;
  const inner = ' '.repeat(indent + 2);
  return `[\n${literals.map((literal) => `${inner}${literal},\n`).join('')}${' '.repeat(indent)}]`;
}

/** A property whose value is an array of strings. */
export function stringList(indent: number, name: string, values: readonly string[]): string {
  const room = lineWidth - indent - key(name).length - 3;
  return `${' '.repeat(indent)}${key(name)}: ${list(indent, values.map(quote), room)},`;
}

/** The property `slices` of a project, with one slice definition per column. */
export function slicesProperty(columns: readonly string[]): string {
  const slices = columns.map((column) => `{ column: ${quote(column)} }`);
  return `  slices: ${list(2, slices, lineWidth - '  slices: ,'.length)},`;
}

/** Lines of text as code comments. */
export function comment(indent: number, ...lines: readonly string[]): string {
  return lines.map((line) => `${' '.repeat(indent)}// ${line}`.trimEnd()).join('\n');
}
