import { MainstemError } from '../platform/lib/errors.ts';
import { systemErrorText } from '../platform/lib/system-errors.ts';

/** Where a server was to listen. */
interface Place {
  readonly host: string;
  readonly port: number;
}

/** Says why a server cannot listen, and who is in its place; whatever is not of the system is returned as it is. */
export async function explainListenError(cause: unknown, place: Place): Promise<unknown> {
  if (!(cause instanceof Error) || !('syscall' in cause) || !('code' in cause)) return cause;
  const { host, port } = place;
  if (cause.code !== 'EADDRINUSE') {
    const reason = systemErrorText(cause.code) ? cause.code : cause.message;
    return new MainstemError('LISTEN_FAILED', { host, port, reason }, { cause });
  }
  const by = (await isOurs(place)) ? 'a Mainstem server that still runs' : 'another program';
  const suggestion = port < 65_535 ? port + 1 : port - 1;
  return new MainstemError('PORT_TAKEN', { host, port, by, suggestion }, { cause });
}

const everywhere = new Set(['0.0.0.0', '::']);

/** Whether what listens there answers as a server of Mainstem does. */
async function isOurs({ host, port }: Place): Promise<boolean> {
  const address = everywhere.has(host) ? 'localhost' : host.includes(':') ? `[${host}]` : host;
  try {
    const signal = AbortSignal.timeout(1000);
    const answer = await fetch(`http://${address}:${port}/version`, { signal });
    const said: unknown = await answer.json();
    if (typeof said !== 'object' || said === null) return false;
    // One that asks for a key refuses with a code of ours.
    return 'server' in said
      ? said.server === 'mainstem'
      : 'type' in said && String(said.type).startsWith('urn:mainstem:');
  } catch {
    return false;
  }
}
