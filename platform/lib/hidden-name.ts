/** Folders that cameras, network storage and systems put beside photos: copies in small, rubbish bins, archives. */
const vendorFolders: ReadonlySet<string> = new Set([
  ...['@eaDir', '@Recycle', '@Recently-Snapshot', '@tmp', '#recycle', '#snapshot'],
  ...['__MACOSX', 'lost+found', '$RECYCLE.BIN', 'System Volume Information'],
]);

/**
 * Whether a file or folder is of no concern to a dataset: its name begins with a dot, or it is a folder that other
 * programs keep for themselves.
 *
 * @example isHiddenName('@eaDir') // true
 */
export function isHiddenName(name: string): boolean {
  return name.startsWith('.') || vendorFolders.has(name);
}
