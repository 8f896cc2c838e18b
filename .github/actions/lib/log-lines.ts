import { printableLines } from '../../../platform/lib/printable.ts';

/**
 * Text from outside for a job's log, where a line such as `::error::…` or `##[…]` would be a command to the runner.
 *
 * @example logLines('::set-output name=a::b') // '| ::set-output name=a::b'
 */
export function logLines(text: string): string {
  return printableLines(text)
    .split('\n')
    .map((line) => (/^\s*::/.test(line) ? `| ${line}` : line.replaceAll('##[', '# #[')))
    .join('\n');
}
