/**
 * Whether a colour profile calls itself sRGB, so that nothing need be converted.
 *
 * @param profile as ICC.1:2022 lays it out: a header of 128 bytes, a table of tags, and the tags.
 */
export function isSrgbProfile(profile: Buffer): boolean {
  if (profile.length < headerBytes + 4) return false;
  const tags = profile.readUInt32BE(headerBytes);
  for (let tag = 0; tag < tags; tag++) {
    const at = headerBytes + 4 + 12 * tag;
    if (at + 12 > profile.length) return false;
    if (profile.toString('latin1', at, at + 4) !== 'desc') continue;
    const start = profile.readUInt32BE(at + 4);
    const description = profile.toString('latin1', start, start + profile.readUInt32BE(at + 8));
    // Newer profiles write it in two bytes a letter.
    return /^(desc|mluc).*sRGB/s.test(description.replaceAll('\0', ''));
  }
  return false;
}

const headerBytes = 128;
