import { openImage, withImageErrors } from './open-image.ts';

/**
 * Copies of a photo as people and programs make them: cut off a little at all sides, lighter and saved again with loss, and
 * half as large.
 *
 * @returns encoded pictures @throws MainstemError IMAGE_UNREADABLE, IMAGE_TOO_LARGE
 */
export function alterPhoto(bytes: Uint8Array): Promise<Uint8Array[]> {
  return withImageErrors({}, async () => {
    const image = await openImage(bytes);
    const upright = await image.png().toBuffer({ resolveWithObject: true });
    const { width, height } = upright.info;
    const [left, top] = [Math.floor(width * 0.04), Math.floor(height * 0.04)];
    const cut = { left, top, width: width - 2 * left, height: height - 2 * top };
    const open = () => openImage(upright.data);
    return Promise.all([
      (await open()).extract(cut).png().toBuffer(),
      (await open()).modulate({ brightness: 1.12 }).jpeg({ quality: 60 }).toBuffer(),
      (await open())
        .resize(Math.ceil(width / 2))
        .jpeg({ quality: 80 })
        .toBuffer(),
    ]);
  });
}
