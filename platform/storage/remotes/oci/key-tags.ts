/** A key as a tag: `packs/ab12.pack` is `packs.ab12.pack`. Undefined if no tag can stand for it. */
export function tagOfKey(key: string): string | undefined {
  const parts = /^([a-z]+)\/([A-Za-z0-9._-]+)$/.exec(key);
  const tag = parts ? `${parts[1]}.${parts[2]}` : undefined;
  return tag && tag.length <= 128 ? tag : undefined;
}

/** The key that a tag stands for; undefined for tags that are none of ours. */
export function keyOfTag(tag: string): string | undefined {
  const parts = /^([a-z]+)\.([A-Za-z0-9._-]+)$/.exec(tag);
  return parts ? `${parts[1]}/${parts[2]}` : undefined;
}
