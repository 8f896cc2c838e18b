/**
 * A name that Kubernetes takes for a label and within a DNS name, from any other: small letters, digits and dashes.
 *
 * @param most how long it may be
 * @example nameLabel('Kürbisse & Co', 40) // 'k-rbisse-co'
 */
export function nameLabel(name: string, most: number): string {
  const plain = name
    .toLowerCase()
    .replaceAll(/[^a-z0-9]+/g, '-')
    .slice(0, most)
    .replaceAll(/^-+|-+$/g, '');
  return plain || 'project';
}
