import type { BridgeGitHub } from './github.ts';
import type { BridgeInstruments } from './instruments.ts';

/** Compares nothing itself: it exposes what main promotes, and rules hold it against what serves. */
export interface MainWatch {
  /** Reads main once; what was known stays where GitHub does not answer. @returns whether it did */
  read(): Promise<boolean>;
  /** Reads now and every five minutes, until `stop`. */
  start(): void;
  stop(): void;
}

const everyMs = 5 * 60_000;

/** Watches what the default branch promotes, through GitHub's API and with no right but to read. */
export function createMainWatch(
  github: BridgeGitHub,
  instruments: BridgeInstruments,
  { now, onFault }: { readonly now: () => number; readonly onFault: (error: unknown) => void },
): MainWatch {
  let timer: NodeJS.Timeout | undefined;
  const read = async () => {
    try {
      const promoted = await github.promoted();
      // Labels of what is no longer promoted must go.
      instruments.mainModel.reset();
      instruments.mainChanged.reset();
      for (const { model, version, changed } of promoted) {
        instruments.mainModel.set({ model, version }, 1);
        instruments.mainChanged.set({ model }, changed / 1000);
      }
      instruments.mainRead.set(now() / 1000);
      return true;
    } catch (error) {
      onFault(error);
      return false;
    }
  };
  return {
    read,
    start: () => {
      void read();
      timer = setInterval(() => void read(), everyMs);
    },
    stop: () => clearInterval(timer),
  };
}
