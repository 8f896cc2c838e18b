import {
  addRemainder,
  addTile1x8,
  addTile3x8,
  addTile4x8,
  addTile4x16,
  addTile5x8,
  addTile5x16,
  layStrip,
} from './filter-tiles.ts';
import { bytesOf } from './vector.ts';

/*
 * The filter gradient without im2col. In NHWC the inputs under filter row `kh` of one window are KW × C values
 * in a row, so   dw[kh] += Σ over windows of (input row)ᵀ · (dy of the window)   is a sum of outer products.
 * A tile of dw stays in registers while several rows of windows are swept.
 */

/** Rows of windows that are swept at once: what all tiles read from them stays in the first-level cache. */
const stripRows: i32 = 3;

/** Bytes from one row of dw to the next, and from one dy to the next. */
let gradientStep: usize = 0;

/**
 * dw[KH, KW, C, O] += the filter gradient of a convolution. `dw` must be zeroed by the caller; `x` [N, H, W, C]
 * must already be padded; `dy` is [N, OH, OW, O]. A unit is one tile of dw: KH × (tiles of KW × C) × (panels of O).
 *
 * @param panelWidth output channels in a panel, 8 or 16; what is left over of them is a panel, too
 */
export function convFilterGradient(
  from: i32,
  to: i32,
  x: usize,
  dy: usize,
  dw: usize,
  batch: i32,
  height: i32,
  width: i32,
  channels: i32,
  outHeight: i32,
  outWidth: i32,
  outChannels: i32,
  filterWidth: i32,
  strideHeight: i32,
  strideWidth: i32,
  panelWidth: i32,
): void {
  const filterRow = filterWidth * channels;
  const windowStep = bytesOf(strideWidth * channels);
  const windowRowStep = bytesOf(strideHeight * width * channels);
  gradientStep = bytesOf(outChannels);
  const inputRow = bytesOf(width * channels);
  for (let n = 0; n < batch; n++) {
    const image = x + bytesOf(n * height * width * channels);
    const gradient = dy + bytesOf(n * outHeight * outWidth * outChannels);
    for (let top = 0; top < outHeight; top += stripRows) {
      const down = min(stripRows, outHeight - top);
      layStrip(down, outWidth, windowStep, windowRowStep, gradientStep);
      const strip = image + <usize>top * windowRowStep;
      const stripGradient = gradient + <usize>(top * outWidth) * gradientStep;
      addTiles(from, to, strip, stripGradient, dw, filterRow, inputRow, outChannels, panelWidth);
    }
  }
}

/** Adds one strip's share of the tiles [from, to). */
function addTiles(
  from: i32,
  to: i32,
  x: usize,
  dy: usize,
  dw: usize,
  filterRow: i32,
  inputRow: usize,
  outChannels: i32,
  panelWidth: i32,
): void {
  const tiles = tilesOf(filterRow);
  const panels = (outChannels + panelWidth - 1) / panelWidth;
  let panel = from % panels;
  let tile = (from / panels) % tiles;
  let kh = from / panels / tiles;
  for (let unit = from; unit < to; unit++) {
    const first = tileStart(tile, filterRow);
    const taken = tileStart(tile + 1, filterRow) - first;
    const o = panel * panelWidth;
    const input = x + <usize>kh * inputRow + bytesOf(first);
    const target = dw + bytesOf((kh * filterRow + first) * outChannels + o);
    addPanel(input, dy + bytesOf(o), target, taken, min(panelWidth, outChannels - o));
    if (++panel === panels) {
      panel = 0;
      if (++tile === tiles) {
        tile = 0;
        kh++;
      }
    }
  }
}

/** Tiles of so many inputs: of five, four or three, and of one if there are fewer than three. */
function tilesOf(count: i32): i32 {
  return count < 3 ? count : (count + 4) / 5;
}

/** The first input of a tile, or the number of inputs after the last one. Six are 3 + 3, seven are 4 + 3. */
function tileStart(tile: i32, count: i32): i32 {
  if (count < 3) return tile;
  const start = tile * 5;
  if (start >= count) return count;
  const left = count - start;
  return left < 3 ? start - 3 + left : start;
}

/** A tile of so many inputs by up to sixteen output channels. */
function addPanel(x: usize, dy: usize, dw: usize, inputs: i32, width: i32): void {
  if (width === 16 && inputs === 5) addTile5x16(x, dy, dw);
  else if (width === 16 && inputs === 4) addTile4x16(x, dy, dw);
  else {
    let o = 0;
    for (; o + 8 <= width; o += 8) addEight(x, dy + bytesOf(o), dw + bytesOf(o), inputs);
    if (o < width) addNarrow(x, dy + bytesOf(o), dw + bytesOf(o), inputs, width - o);
  }
}

function addEight(x: usize, dy: usize, dw: usize, inputs: i32): void {
  if (inputs === 5) addTile5x8(x, dy, dw);
  else if (inputs === 4) addTile4x8(x, dy, dw);
  else if (inputs === 3) addTile3x8(x, dy, dw);
  else
    for (let i = 0; i < inputs; i++) addTile1x8(x + bytesOf(i), dy, dw + <usize>i * gradientStep);
}

/** A tile of the last output channels, fewer than eight. */
function addNarrow(x: usize, dy: usize, dw: usize, inputs: i32, width: i32): void {
  for (let i = 0; i < inputs; i++) {
    addRemainder(x + bytesOf(i), dy, dw + <usize>i * gradientStep, width);
  }
}
