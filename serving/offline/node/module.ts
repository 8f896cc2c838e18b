/* What the decoder uses of Node's modules, for a browser. */

/** A `require` that finds a package's file by its name alone: see `fs.ts` beside this. */
export function createRequire(): { resolve(specifier: string): string } {
  return { resolve: (specifier) => specifier };
}
