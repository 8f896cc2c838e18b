import { spawn } from 'node:child_process';

export interface ProcessCall {
  readonly program: string;
  readonly args: readonly string[];
  readonly cwd: string;
  readonly env: Readonly<Record<string, string>>;
  readonly timeoutMs: number;
  /** Cancels it: first a signal to stop, then the end. */
  readonly signal: AbortSignal;
  /** Kills it after so many milliseconds, as when the machine dies. */
  readonly crashMs?: number | undefined;
  readonly onText: (text: string) => void;
}

export interface ProcessEnd {
  readonly code: number;
  readonly end: 'exit' | 'timeout' | 'cancelled' | 'crashed';
}

/** How long a cancelled step may take to stop; GitHub gives 7.5 seconds. */
const graceMs = 3000;

/** Runs a program in a process group of its own and waits for its end. */
export function runProcess(call: ProcessCall): Promise<ProcessEnd> {
  return new Promise((resolve) => {
    const child = spawn(call.program, call.args, {
      cwd: call.cwd,
      env: call.env,
      detached: true,
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    let end: ProcessEnd['end'] = 'exit';
    const signalGroup = (signal: NodeJS.Signals) => {
      try {
        if (child.pid !== undefined) process.kill(-child.pid, signal);
      } catch {
        // It has ended by itself.
      }
    };
    const timers: NodeJS.Timeout[] = [];
    const stop = (why: ProcessEnd['end']) => {
      end = why;
      if (why === 'crashed') return signalGroup('SIGKILL');
      signalGroup('SIGINT');
      timers.push(setTimeout(() => signalGroup('SIGKILL'), graceMs));
    };
    const cancel = () => stop('cancelled');
    timers.push(setTimeout(() => stop('timeout'), Math.min(call.timeoutMs, 2 ** 31 - 1)));
    if (call.crashMs !== undefined) timers.push(setTimeout(() => stop('crashed'), call.crashMs));
    if (call.signal.aborted) cancel();
    call.signal.addEventListener('abort', cancel, { once: true });
    child.stdout.on('data', (chunk: Buffer) => call.onText(chunk.toString()));
    child.stderr.on('data', (chunk: Buffer) => call.onText(chunk.toString()));
    child.on('error', (error) => call.onText(`${error.message}\n`));
    const finish = (code: number | null) => {
      for (const timer of timers) clearTimeout(timer);
      call.signal.removeEventListener('abort', cancel);
      resolve({ code: code ?? 1, end });
    };
    // A server that a deployment leaves behind may keep the pipes open, so the process's own end counts.
    child.on('exit', (code) => setTimeout(() => finish(code), 20));
    child.on('error', () => finish(127));
  });
}
