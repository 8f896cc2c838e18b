/* What the decoder and the kernels use of Node's file system, for a browser: files that were fetched before. */

const files = new Map<string, Uint8Array>();

/** Takes in a file that {@link readFileSync} will be asked for. @param name without a folder */
export function provideFile(name: string, content: Uint8Array): void {
  files.set(name, content);
}

/** The content of a file that was provided. @throws Error for any other */
export function readFileSync(path: string | URL): Uint8Array {
  const name = String(path).split('/').at(-1) ?? '';
  const content = files.get(name);
  if (!content) throw new Error(`the page has no ${name}`);
  return content;
}
