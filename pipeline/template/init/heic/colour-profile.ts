/** The most that fits into one segment of a JPEG; profiles of cameras have about 600 bytes. */
const mostBytes = 65_000;

/** The ICC profile of a HEIC photo; null where it has none, or one that does not fit a JPEG's segment. */
export function findProfile(heic: Uint8Array): Uint8Array | null {
  const bytes = Buffer.from(heic.buffer, heic.byteOffset, heic.byteLength);
  const at = bytes.indexOf('colrprof', 0, 'latin1');
  if (at < 4) return null;
  // A box begins with its length, that of the name and of the length itself included.
  const end = at - 4 + bytes.readUInt32BE(at - 4);
  const profile = bytes.subarray(at + 8, end);
  return end <= bytes.length && profile.length > 0 && profile.length < mostBytes ? profile : null;
}

/** A JPEG with the colour profile that its pixels are in; without one, as it is. */
export function addProfile(jpeg: Uint8Array, profile: Uint8Array | null): Uint8Array {
  if (!profile) return jpeg;
  const head = Buffer.alloc(18);
  head.writeUInt16BE(0xffe2, 0);
  head.writeUInt16BE(profile.length + 16, 2);
  head.write('ICC_PROFILE\0', 4, 'latin1');
  head.writeUInt16BE(0x0101, 16);
  return Buffer.concat([jpeg.subarray(0, 2), head, profile, jpeg.subarray(2)]);
}
