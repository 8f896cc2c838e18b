import type { Parameters } from '../../../platform/schemas/define/index.ts';

/** The text of params.json: one parameter per line, so that a pull request shows which one changed. */
export function renderParameters(parameters: Parameters): string {
  const lines = Object.entries(parameters).map(
    ([name, value]) => `  ${JSON.stringify(name)}: ${inline(value)}`,
  );
  return `{\n${lines.join(',\n')}\n}\n`;
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
