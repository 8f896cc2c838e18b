import { posix } from 'node:path';

/** A path or a code that a text names, and where. */
export interface Reference {
  readonly file: string;
  readonly name: string;
}

/** What people read in a file: the comments of a source, all of a page, the comments of a workflow. */
export function proseOf(file: string, text: string): string {
  if (/\.[jt]s$/.test(file)) {
    return [...text.matchAll(/\/\*[\s\S]*?\*\/|(?<![:'"`\\])\/\/.*/g)]
      .map(([found]) => found)
      .join('\n');
  }
  if (/\.ya?ml$/.test(file))
    return text
      .split('\n')
      .filter((line) => /^\s*#/.test(line))
      .join('\n');
  return text;
}

const path = /(?<![\w/.<>@:{}*-])(?:\.\.\/)*[\w.-]+(?:\/[\w.-]+)+(?![\w/<{*])/g;
const extension = /\.(ts|js|md|json|ya?ml|html|css|proto|wasm)$/;

/**
 * Paths that a prose names as files or folders of the repository: with a known extension, or below a top-level
 * folder. Paths with a placeholder (`models/<name>/…`) are not among them.
 *
 * @param folders names of the top-level folders
 */
export function pathsIn(prose: string, folders: readonly string[]): string[] {
  const named = [...prose.matchAll(path)].map(([found]) => found.replace(/[.]+$/, ''));
  return [...new Set(named)].filter(
    (found) => extension.test(found) || folders.includes(found.split('/')[0] ?? ''),
  );
}

/**
 * Whether a path leads to a file or a folder: from the root, from the file that names it, or as the end of a path
 * (`checks/index.ts` inside its room).
 *
 * @param files every file of the repository
 */
export function leadsSomewhere(name: string, from: string, files: readonly string[]): boolean {
  const candidates = [name, posix.join(posix.dirname(from), name)].map((one) =>
    one.replace(/\/$/, ''),
  );
  return files.some(
    (file) =>
      file.endsWith(`/${name}`) ||
      candidates.some((one) => file === one || file.startsWith(`${one}/`)),
  );
}

/**
 * Names in a prose that look like a code of ours: in capitals, with an underscore and a first word that one of the
 * codes has. `STORE_*` and `INIT_…` stand for all codes that begin so.
 */
export function codesIn(prose: string, codes: readonly string[]): string[] {
  const words = new Set(codes.map((code) => code.split('_')[0]));
  const named = [...prose.matchAll(/\b[A-Z][A-Z0-9]*(?:_[A-Z0-9]+)*(?:_[A-Z0-9]+|_[*…])/g)];
  return [...new Set(named.map(([found]) => found))].filter((found) =>
    words.has(found.split('_')[0] ?? ''),
  );
}

/** Whether a code exists; with `*` or `…` at its end, whether one begins so. */
export function isCode(name: string, codes: readonly string[]): boolean {
  const start = /^(.+_)[*…]$/.exec(name)?.[1];
  return codes.some((code) => (start === undefined ? code === name : code.startsWith(start)));
}
