import { type Static, Type } from 'typebox';
import { dictionary } from '../../platform/lib/dictionary.ts';
import { isMainstemError, MainstemError } from '../../platform/lib/errors.ts';
import { parseVersioned } from '../../platform/lib/parse-versioned.ts';
import { readTextIfThere } from '../../platform/lib/read-text.ts';
import { bridgeActions } from '../metrics.ts';

/** What a project may be called; such a name is safe in an address. */
export const projectName = /^[a-z0-9][a-z0-9-]{0,63}$/;

/** One dispatch that GitHub is to be asked for. */
export const Ask = Type.Object({
  action: Type.Enum([...bridgeActions]),
  project: Type.String(),
  /** Identifies one firing of one alert. */
  fingerprint: Type.String(),
  alert: Type.String(),
  /** For people: what was measured. */
  reason: Type.String(),
  /** The version of the model that the alert is about; '' where it says none. */
  version: Type.String(),
  /** Every firing that this answers. */
  firings: Type.Array(Type.String()),
});
export type Ask = Static<typeof Ask>;

const Milliseconds = Type.Number({ minimum: 0 });

/** What the bridge remembers over restarts. */
export const Memory = Type.Object({
  version: Type.Literal(1),
  /** Firings that were answered, with when they were seen last. */
  answered: dictionary(Milliseconds),
  /** When GitHub last took a dispatch, by `action/project`. */
  sent: dictionary(Milliseconds),
  /** What GitHub has not taken yet, in the order in which it was asked for. */
  waiting: Type.Array(Ask),
});
export type Memory = Static<typeof Memory>;

/**
 * Reads what an earlier process remembered; an empty memory where there is none.
 *
 * @throws MainstemError BRIDGE_MEMORY_DAMAGED, FILE_UNREADABLE: it is better not to start than to ask for everything again
 */
export async function readMemory(path: string): Promise<Memory> {
  const text = await readTextIfThere(path);
  if (text === null) return { version: 1, answered: {}, sent: {}, waiting: [] };
  try {
    return parseVersioned(text, Memory, path);
  } catch (cause) {
    if (!isMainstemError(cause)) throw cause;
    // No git has an earlier version of this file, which the hint of another error would send people to.
    const reason = cause.details.reason ?? cause.message;
    throw new MainstemError('BRIDGE_MEMORY_DAMAGED', { path, reason }, { cause });
  }
}

/** The key of a cool-down. */
export function coolDownKey({ action, project }: Pick<Ask, 'action' | 'project'>): string {
  return `${action}/${project}`;
}
