// Unpacks Fashion-MNIST into one folder per class, as `mainstem init --from <folder>` takes it.
// Reads the four idx files of Debian's package dataset-fashion-mnist, writes <folder>/<class>/<number>.png.
//   apt-get install dataset-fashion-mnist
//   npx node bench/fashion-mnist.ts <folder> [--limit <photos>] [--from /usr/share/datasets/fashion-mnist]

import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { gunzip } from 'node:zlib';
import sharp from 'sharp';
import { parseScript } from '../platform/lib/parse-script.ts';
import { createReporter } from '../platform/lib/reporter.ts';

/** The classes in the order of their numbers, as the data set's authors name them. */
const classes = [
  't-shirt',
  'trouser',
  'pullover',
  'dress',
  'coat',
  'sandal',
  'shirt',
  'sneaker',
  'bag',
  'ankle-boot',
] as const;

const { positionals, values } = parseScript({
  allowPositionals: true,
  options: {
    limit: { type: 'string', default: '70000' },
    from: { type: 'string', default: '/usr/share/datasets/fashion-mnist' },
  },
});
const [folder] = positionals;
if (folder === undefined) {
  process.stderr.write('usage: bench/fashion-mnist.ts <folder> [--limit <photos>]\n');
  process.exit(2);
}

const parts = await Promise.all([readPart('train'), readPart('t10k')]);
const photos = parts.flat().slice(0, Number(values.limit));
for (const name of classes) await mkdir(join(folder, name), { recursive: true });
await writePhotos(folder, photos);

interface Photo {
  readonly label: number;
  readonly pixels: Uint8Array;
  readonly side: number;
}

/** The photos of one half. The idx format: http://yann.lecun.com/exdb/mnist/ */
async function readPart(part: 'train' | 't10k'): Promise<Photo[]> {
  const [labels, images] = await Promise.all([
    readGzip(`${part}-labels-idx1-ubyte.gz`, 0x801),
    readGzip(`${part}-images-idx3-ubyte.gz`, 0x803),
  ]);
  const side = images.readUInt32BE(8);
  return Array.from(labels.subarray(8), (label, index) => {
    const start = 16 + index * side * side;
    return { label, pixels: images.subarray(start, start + side * side), side };
  });
}

async function readGzip(name: string, magic: number): Promise<Buffer> {
  const path = join(values.from, name);
  const content = await promisify(gunzip)(await readFile(path));
  if (content.readUInt32BE(0) !== magic) throw new Error(`${path} is not an idx file of this kind`);
  return content;
}

async function writePhotos(folder: string, photos: readonly Photo[]): Promise<void> {
  const progress = createReporter().progress('Unpacking', photos.length, 'photos');
  for (const [index, { label, pixels, side }] of photos.entries()) {
    const png = sharp(pixels, { raw: { width: side, height: side, channels: 1 } }).png();
    const name = `${String(index).padStart(5, '0')}.png`;
    await writeFile(join(folder, classes[label] ?? 'unknown', name), await png.toBuffer());
    progress.update(index + 1);
  }
  progress.end();
}
