import type { DecodeRaster } from '../../platform/transforms/index.ts';

/**
 * Decodes a picture by the browser: PNG, WebP, and JPEG with a colour profile of its own. The browser turns it upright and
 * converts its colours to sRGB; what is transparent becomes white.
 */
export const decodeBitmap: DecodeRaster = async (bytes, { mediaType }) => {
  const bitmap = await createImageBitmap(new Blob([new Uint8Array(bytes)], { type: mediaType }));
  try {
    const { width, height } = bitmap;
    const canvas = new OffscreenCanvas(width, height);
    const context = canvas.getContext('2d', { colorSpace: 'srgb', willReadFrequently: true });
    if (!context) throw new Error('the browser has no canvas');
    context.fillStyle = '#ffffff';
    context.fillRect(0, 0, width, height);
    context.drawImage(bitmap, 0, 0);
    const { data } = context.getImageData(0, 0, width, height, { colorSpace: 'srgb' });
    return { pixels: new Uint8Array(data.buffer), width, height };
  } finally {
    bitmap.close();
  }
};
