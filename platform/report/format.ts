const labels: Readonly<Record<string, string>> = {
  macroF1: 'macro-F1',
  logLoss: 'log loss',
  brier: 'Brier score',
  calibrationError: 'calibration error',
  outOfDistributionAuroc: 'AUROC, unlike inputs',
  outOfDistributionFpr95: 'FPR95, unlike inputs',
  mae: 'mean absolute error',
  rmse: 'root mean squared error',
  r2: 'R²',
};

const shares = new Set([
  'accuracy',
  'macroF1',
  'calibrationError',
  'outOfDistributionAuroc',
  'outOfDistributionFpr95',
]);

/** A metric's name for people. */
export function metricLabel(name: string): string {
  return labels[name] ?? name;
}

/** A metric's value: shares in percent, others with four significant digits. */
export function metricText(name: string, value: number): string {
  return shares.has(name) ? percent(value) : number(value);
}

/** A difference with its sign: shares in percentage points. */
export function differenceText(name: string, value: number): string {
  const size = Math.abs(value);
  const text = shares.has(name) ? `${(size * 100).toFixed(1)} pp` : number(size);
  return `${signOf(value, text)}${text}`;
}

/** `95.1 %` */
export function percent(share: number): string {
  return `${(share * 100).toFixed(1)} %`;
}

/** Four significant digits, without exponent where possible. */
export function number(value: number): string {
  return String(Number(value.toPrecision(4))).replace('-', '−');
}

/** `+3`, `−2`, `±0` */
export function signed(value: number): string {
  return `${signOf(value, String(value))}${Math.abs(value)}`;
}

/** `1.23 MB`, `45.6 kB`, `78 B` */
export function byteText(bytes: number): string {
  if (bytes >= 1e6) return `${(bytes / 1e6).toFixed(2)} MB`;
  return bytes >= 1e3 ? `${(bytes / 1e3).toFixed(1)} kB` : `${bytes} B`;
}

function signOf(value: number, text: string): string {
  if (!/[1-9]/.test(text)) return '±';
  return value < 0 ? '−' : '+';
}
