const name = '[a-z0-9]+(?:(?:[._]|__|-+)[a-z0-9]+)*';
const host = '(?:[a-zA-Z0-9](?:[a-zA-Z0-9.-]*[a-zA-Z0-9])?|\\[[0-9a-fA-F:]+\\])(?::[0-9]+)?';
const reference = new RegExp(
  `^(?:${host}/)?${name}(?:/${name})*(?::\\w[\\w.-]{0,127})?(?:@sha256:[0-9a-f]{64})?$`,
);

/**
 * Whether a container image can be called so: a host, a path, a tag and a digest, of which only the path must be there.
 *
 * @see https://github.com/distribution/reference/blob/v0.6.0/reference.go
 * @example isImageName('ghcr.io/jen/penguins:v1') // true
 */
export function isImageName(text: string): boolean {
  return reference.test(text);
}
