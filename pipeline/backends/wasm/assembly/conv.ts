import { accumulate, bytesOf, multiplyAdd } from './vector.ts';

/*
 * The filter gradient without im2col. In NHWC the inputs under filter row `kh` of one window are KW × C values
 * in a row, so   dw[kh] += Σ over windows of (input row)ᵀ · (dy of the window)   is a sum of outer products.
 * A 5 × 8 tile of dw stays in registers while several rows of windows are swept: engines have fifteen
 * registers, and a 6 × 8 tile spills and takes 1.6 times as long.
 */

/** Rows of windows that are swept at once: what all tiles read from them stays in the first-level cache. */
const stripRows: i32 = 3;

/** Where a sweep over the windows of one strip reads. */
// Set by convFilterGradient before each strip; plain globals because arguments would spill the tile's registers.
let windowsDown: i32 = 0;
let rowBytes: usize = 0;
let windowStep: usize = 0;
let windowRowStep: usize = 0;
let gradientStep: usize = 0;

/** Output channels in a panel; what is left over of them is a panel, too. */
const panelWidth: i32 = 8;

/**
 * dw[KH, KW, C, O] += the filter gradient of a convolution. `dw` must be zeroed by the caller; `x` [N, H, W, C]
 * must already be padded; `dy` is [N, OH, OW, O]. A unit is one tile of dw: KH × (tiles of KW × C) × (panels of O).
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
): void {
  const filterRow = filterWidth * channels;
  windowStep = bytesOf(strideWidth * channels);
  windowRowStep = bytesOf(strideHeight * width * channels);
  rowBytes = <usize>outWidth * windowStep;
  gradientStep = bytesOf(outChannels);
  const inputRow = bytesOf(width * channels);
  for (let n = 0; n < batch; n++) {
    const image = x + bytesOf(n * height * width * channels);
    const gradient = dy + bytesOf(n * outHeight * outWidth * outChannels);
    for (let top = 0; top < outHeight; top += stripRows) {
      windowsDown = min(stripRows, outHeight - top);
      const strip = image + <usize>top * windowRowStep;
      const stripGradient = gradient + <usize>(top * outWidth) * gradientStep;
      addTiles(from, to, strip, stripGradient, dw, filterRow, inputRow, outChannels);
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
    const width = min(panelWidth, outChannels - o);
    if (width < panelWidth) addNarrow(input, dy + bytesOf(o), target, taken, width);
    else if (taken === 5) addTile5x8(input, dy + bytesOf(o), target);
    else if (taken === 4) addTile4x8(input, dy + bytesOf(o), target);
    else if (taken === 3) addTile3x8(input, dy + bytesOf(o), target);
    else addTile1x8(input, dy + bytesOf(o), target);
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

/** A tile of the last output channels, fewer than eight. */
function addNarrow(x: usize, dy: usize, dw: usize, inputs: i32, width: i32): void {
  for (let i = 0; i < inputs; i++) {
    addRemainder(x + bytesOf(i), dy, dw + <usize>i * gradientStep, width);
  }
}

function addTile5x8(x: usize, dy: usize, dw: usize): void {
  let c00 = f32x4.splat(0);
  let c01 = c00;
  let c10 = c00;
  let c11 = c00;
  let c20 = c00;
  let c21 = c00;
  let c30 = c00;
  let c31 = c00;
  let c40 = c00;
  let c41 = c00;
  const step = windowStep;
  const gradientBytes = gradientStep;
  for (let i = 0; i < windowsDown; i++, x += windowRowStep) {
    const end = x + rowBytes;
    for (let p = x; p < end; p += step, dy += gradientBytes) {
      const b0 = v128.load(dy);
      const b1 = v128.load(dy, 16);
      let a = v128.load32_splat(p);
      c00 = multiplyAdd(c00, a, b0);
      c01 = multiplyAdd(c01, a, b1);
      a = v128.load32_splat(p, 4);
      c10 = multiplyAdd(c10, a, b0);
      c11 = multiplyAdd(c11, a, b1);
      a = v128.load32_splat(p, 8);
      c20 = multiplyAdd(c20, a, b0);
      c21 = multiplyAdd(c21, a, b1);
      a = v128.load32_splat(p, 12);
      c30 = multiplyAdd(c30, a, b0);
      c31 = multiplyAdd(c31, a, b1);
      a = v128.load32_splat(p, 16);
      c40 = multiplyAdd(c40, a, b0);
      c41 = multiplyAdd(c41, a, b1);
    }
  }
  addPair(dw, c00, c01);
  addPair(dw + gradientBytes, c10, c11);
  addPair(dw + 2 * gradientBytes, c20, c21);
  addPair(dw + 3 * gradientBytes, c30, c31);
  addPair(dw + 4 * gradientBytes, c40, c41);
}

function addTile4x8(x: usize, dy: usize, dw: usize): void {
  let c00 = f32x4.splat(0);
  let c01 = c00;
  let c10 = c00;
  let c11 = c00;
  let c20 = c00;
  let c21 = c00;
  let c30 = c00;
  let c31 = c00;
  const step = windowStep;
  const gradientBytes = gradientStep;
  for (let i = 0; i < windowsDown; i++, x += windowRowStep) {
    const end = x + rowBytes;
    for (let p = x; p < end; p += step, dy += gradientBytes) {
      const b0 = v128.load(dy);
      const b1 = v128.load(dy, 16);
      let a = v128.load32_splat(p);
      c00 = multiplyAdd(c00, a, b0);
      c01 = multiplyAdd(c01, a, b1);
      a = v128.load32_splat(p, 4);
      c10 = multiplyAdd(c10, a, b0);
      c11 = multiplyAdd(c11, a, b1);
      a = v128.load32_splat(p, 8);
      c20 = multiplyAdd(c20, a, b0);
      c21 = multiplyAdd(c21, a, b1);
      a = v128.load32_splat(p, 12);
      c30 = multiplyAdd(c30, a, b0);
      c31 = multiplyAdd(c31, a, b1);
    }
  }
  addPair(dw, c00, c01);
  addPair(dw + gradientBytes, c10, c11);
  addPair(dw + 2 * gradientBytes, c20, c21);
  addPair(dw + 3 * gradientBytes, c30, c31);
}

function addTile3x8(x: usize, dy: usize, dw: usize): void {
  let c00 = f32x4.splat(0);
  let c01 = c00;
  let c10 = c00;
  let c11 = c00;
  let c20 = c00;
  let c21 = c00;
  const step = windowStep;
  const gradientBytes = gradientStep;
  for (let i = 0; i < windowsDown; i++, x += windowRowStep) {
    const end = x + rowBytes;
    for (let p = x; p < end; p += step, dy += gradientBytes) {
      const b0 = v128.load(dy);
      const b1 = v128.load(dy, 16);
      let a = v128.load32_splat(p);
      c00 = multiplyAdd(c00, a, b0);
      c01 = multiplyAdd(c01, a, b1);
      a = v128.load32_splat(p, 4);
      c10 = multiplyAdd(c10, a, b0);
      c11 = multiplyAdd(c11, a, b1);
      a = v128.load32_splat(p, 8);
      c20 = multiplyAdd(c20, a, b0);
      c21 = multiplyAdd(c21, a, b1);
    }
  }
  addPair(dw, c00, c01);
  addPair(dw + gradientBytes, c10, c11);
  addPair(dw + 2 * gradientBytes, c20, c21);
}

function addTile1x8(x: usize, dy: usize, dw: usize): void {
  let c0 = f32x4.splat(0);
  let c1 = c0;
  const step = windowStep;
  const gradientBytes = gradientStep;
  for (let i = 0; i < windowsDown; i++, x += windowRowStep) {
    const end = x + rowBytes;
    for (let p = x; p < end; p += step, dy += gradientBytes) {
      const a = v128.load32_splat(p);
      c0 = multiplyAdd(c0, a, v128.load(dy));
      c1 = multiplyAdd(c1, a, v128.load(dy, 16));
    }
  }
  addPair(dw, c0, c1);
}

/** One input against the last output channels, fewer than eight: four at once, then one by one. */
function addRemainder(x: usize, dy: usize, dw: usize, count: i32): void {
  let o = 0;
  for (; o + 4 <= count; o += 4) addTile1x4(x, dy + bytesOf(o), dw + bytesOf(o));
  for (; o < count; o++) addTile1x1(x, dy + bytesOf(o), dw + bytesOf(o));
}

function addTile1x4(x: usize, dy: usize, dw: usize): void {
  let sum = f32x4.splat(0);
  for (let i = 0; i < windowsDown; i++, x += windowRowStep) {
    const end = x + rowBytes;
    for (let p = x; p < end; p += windowStep, dy += gradientStep) {
      sum = multiplyAdd(sum, v128.load32_splat(p), v128.load(dy));
    }
  }
  accumulate(dw, sum);
}

function addTile1x1(x: usize, dy: usize, dw: usize): void {
  let sum: f32 = 0;
  for (let i = 0; i < windowsDown; i++, x += windowRowStep) {
    const end = x + rowBytes;
    for (let p = x; p < end; p += windowStep, dy += gradientStep) {
      sum += load<f32>(p) * load<f32>(dy);
    }
  }
  store<f32>(dw, load<f32>(dw) + sum);
}

function addPair(address: usize, low: v128, high: v128): void {
  accumulate(address, low);
  accumulate(address + 16, high);
}
