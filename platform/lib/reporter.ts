import { styleText } from 'node:util';
import { Presets, SingleBar } from 'cli-progress';
import { printableLines } from './printable.ts';

/** How a running command reports to a person. It is passed in, so that libraries never print by themselves. */
export interface Reporter {
  /** Prints one line. */
  info(text: string): void;
  /** Prints one line that deserves attention. */
  warn(text: string): void;
  /**
   * Starts a progress display for work that may take longer than 2 s. It is shown with rate and time left
   * on a terminal, as a plain line every 10 s elsewhere, and not at all if the work ends within 2 s.
   *
   * @param total how many units there are. @param unit what the units are, for example `photos`.
   */
  progress(label: string, total: number, unit: string): Progress;
}

/** A running progress display. Call `end` in a `finally`. */
export interface Progress {
  /** Shows how much is done. @param done units so far. */
  update(done: number): void;
  /** Removes the display. */
  end(): void;
}

const patienceMs = 2_000;
const plainLineMs = 10_000;

/** Creates a reporter that writes to a stream; colour and a progress bar are used only on a terminal. */
export function createReporter(stream: NodeJS.WriteStream = process.stderr): Reporter {
  const write = (text: string) => stream.write(`${text}\n`);
  return {
    info: (text) => write(printableLines(text)),
    warn: (text) => write(styleText('yellow', printableLines(text), { stream })),
    progress: (label, total, unit) =>
      stream.isTTY
        ? terminalBar(stream, label, total, unit)
        : plainLines(write, label, total, unit),
  };
}

/** A reporter that says nothing: for tests and for `--json`. */
export const silentReporter: Reporter = {
  info: () => {},
  warn: () => {},
  progress: () => ({ update: () => {}, end: () => {} }),
};

function terminalBar(
  stream: NodeJS.WriteStream,
  label: string,
  total: number,
  unit: string,
): Progress {
  const began = Date.now();
  let bar: SingleBar | undefined;
  return {
    update(done) {
      const seconds = (Date.now() - began) / 1000;
      if (!bar && seconds * 1000 < patienceMs) return;
      bar ??= startBar(stream, total);
      bar.update(done, { label, unit, speed: rateText(done / seconds) });
    },
    end: () => bar?.stop(),
  };
}

function startBar(stream: NodeJS.WriteStream, total: number): SingleBar {
  const format = '{label} {bar} {value}/{total} {unit} · {speed}/s · {eta_formatted} left';
  const bar = new SingleBar(
    { format, stream, clearOnComplete: true, hideCursor: true, barsize: 24 },
    Presets.shades_classic,
  );
  bar.start(total, 0, { label: '', unit: '', speed: '' });
  return bar;
}

function plainLines(
  write: (line: string) => void,
  label: string,
  total: number,
  unit: string,
): Progress {
  const began = Date.now();
  let last = began;
  return {
    update(done) {
      const now = Date.now();
      if (now - last < plainLineMs) return;
      last = now;
      const rate = done / ((now - began) / 1000);
      const left = rate > 0 ? `${Math.ceil((total - done) / rate)} s left` : 'waiting';
      write(`${label}: ${done}/${total} ${unit}, ${rateText(rate)}/s, ${left}`);
    },
    end: () => {},
  };
}

function rateText(rate: number): string {
  return rate >= 100 ? Math.round(rate).toString() : rate.toPrecision(2);
}
