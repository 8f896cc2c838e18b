/** A number with four significant digits, without exponent where possible: `0.9512`, `−3`. */
export function renderNumber(value: number): string {
  return String(Number(value.toPrecision(4))).replace('-', '−');
}

/** A share in percent: `95.1 %`. */
export function renderPercent(share: number): string {
  return `${(share * 100).toFixed(1)} %`;
}

/** A difference of shares in percentage points: `+1.2 pp`, `−0.3 pp`, `±0.0 pp`. */
export function renderPoints(difference: number): string {
  return withSign(difference, `${(Math.abs(difference) * 100).toFixed(1)} pp`);
}

/** A difference as a share of something, in percent with its sign: `+1.2 %`. */
export function renderRelative(share: number): string {
  return withSign(share, renderPercent(Math.abs(share)));
}

/** A number with its sign: `+3`, `−2`, `±0`. */
export function renderSigned(value: number): string {
  return withSign(value, String(Math.abs(value)));
}

/** A difference of numbers with its sign, four significant digits: `+0.012`. */
export function renderDifference(value: number): string {
  return withSign(value, renderNumber(Math.abs(value)));
}

/** @param size the text without sign; where it reads as nothing the sign is `±`. */
function withSign(value: number, size: string): string {
  if (!/[1-9]/.test(size)) return `±${size}`;
  return `${value < 0 ? '−' : '+'}${size}`;
}
