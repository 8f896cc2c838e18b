/** As long as a DNS label: a project's name becomes that of a route, of images and of objects in a cluster. */
const longest = 63;

/**
 * What is wrong with a project's name; null if nothing is.
 *
 * @example findProjectNameFault('Apples') // 'must be lower-case letters, digits and dashes, starting with a letter'
 */
export function findProjectNameFault(name: string): string | null {
  if (!/^[a-z][a-z0-9-]*$/.test(name)) {
    return 'must be lower-case letters, digits and dashes, starting with a letter';
  }
  return name.length > longest ? `must have at most ${longest} letters, not ${name.length}` : null;
}
