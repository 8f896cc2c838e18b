import { spawnSync } from 'node:child_process';

/** GitHub's own renderer; whether it is here. Installed by `npm run test:setup`. */
export const hasGfm = spawnSync('cmark-gfm', ['--version']).status === 0;

const extensions = ['table', 'strikethrough', 'autolink', 'tagfilter', 'tasklist'];

/**
 * Renders a comment as GitHub does, before it sanitizes: HTML in it stays HTML but for the tags that its filter names, and
 * a line break is one.
 */
export function renderGfm(markdown: string): string {
  const args = ['--unsafe', '--hardbreaks', ...extensions.flatMap((name) => ['-e', name])];
  const { status, stdout, stderr } = spawnSync('cmark-gfm', args, {
    input: markdown,
    encoding: 'utf8',
    maxBuffer: 64 * 1024 * 1024,
  });
  if (status !== 0) throw new Error(`cmark-gfm ended with ${status}: ${stderr}`);
  return stdout;
}
