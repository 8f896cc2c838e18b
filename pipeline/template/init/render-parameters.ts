import type { Parameters } from '../../../platform/schemas/define/index.ts';

/** The text of params.json: one parameter per line, so that a pull request shows which one changed. */
export function renderParameters(parameters: Parameters): string {
  const lines = Object.entries(parameters).map(
    ([name, value]) => `  ${JSON.stringify(name)}: ${fitted(name, value)}`,
  );
  return `{\n${lines.join(',\n')}\n}\n`;
}

const lineWidth = 100;

/** On one line if it fits, else one member per line, as the formatter does. */
function fitted(name: string, value: unknown): string {
  const line = inline(value);
  const fits = `  ${JSON.stringify(name)}: ${line},`.length <= lineWidth;
  if (fits || typeof value !== 'object' || value === null || Array.isArray(value)) return line;
  const members = Object.entries(value).map(
    ([member, part]) => `    ${JSON.stringify(member)}: ${inline(part)}`,
  );
  return `{\n${members.join(',\n')}\n  }`;
}

/** JSON on one line with spaces where the formatter of the repository wants them. */
function inline(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(inline).join(', ')}]`;
  if (typeof value !== 'object' || value === null) return JSON.stringify(value);
  const members = Object.entries(value).map(
    ([name, member]) => `${JSON.stringify(name)}: ${inline(member)}`,
  );
  return `{ ${members.join(', ')} }`;
}
