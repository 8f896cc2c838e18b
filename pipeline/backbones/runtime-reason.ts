import { renderBytes } from '../../platform/lib/text.ts';

/** What ONNX Runtime says, on one line and without the place in its own source. */
export function runtimeReason(cause: unknown): string {
  const said = cause instanceof Error ? cause.message : String(cause);
  const wanted = /Failed to allocate memory for requested buffer of size (\d+)/.exec(said)?.[1];
  if (wanted !== undefined) {
    return `it needs ${renderBytes(Number(wanted))} of memory at once, which the system does not give`;
  }
  const words = said.replace(/\/\S+\.(?:cc|h):\d+ .*?\(.*?\) /, '').replaceAll(/\s+/g, ' ');
  return `ONNX Runtime says: ${words.trim()}`;
}
