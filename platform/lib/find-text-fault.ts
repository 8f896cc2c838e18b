/** A key that one object of a JSON text has twice, and the lines (from 1) on which it stands. */
export interface RepeatedKey {
  readonly key: string;
  readonly first: number;
  readonly second: number;
}

/** Something lies in more lists and objects than anything of ours: who walks through it may run out of stack. */
export interface TooDeep {
  /** Line, from 1, on which the first of them begins. */
  readonly tooDeep: number;
}

/** Of what people and tools write, nothing comes near it; a walk by recursion takes some ten times as much. */
export const mostDepth = 500;

/**
 * Finds the first key that an object has a second time, or the first place that lies too deep; null if there is neither.
 *
 * @param text that is valid JSON
 * @example findTextFault('{"epochs": 5, "epochs": 7}') // { key: 'epochs', first: 1, second: 1 }
 */
export function findTextFault(text: string): RepeatedKey | TooDeep | null {
  /** Of every object around the place its keys and where they begin; of every list nothing. */
  const around: (Map<string, number> | null)[] = [];
  const token = /["[\]{}]/g;
  for (let found = token.exec(text); found; found = token.exec(text)) {
    const [character] = found;
    if (around.length > mostDepth) return { tooDeep: lineOf(text, found.index) };
    if (character === '{') around.push(new Map());
    else if (character === '[') around.push(null);
    else if (character !== '"') around.pop();
    else {
      token.lastIndex = endOfString(text, found.index);
      const keys = around.at(-1);
      if (!keys || !isKey(text, token.lastIndex)) continue;
      const key: string = JSON.parse(text.slice(found.index, token.lastIndex));
      const before = keys.get(key);
      if (before !== undefined)
        return { key, first: lineOf(text, before), second: lineOf(text, found.index) };
      keys.set(key, found.index);
    }
  }
  return null;
}

/** Where the text goes on after a string. */
function endOfString(text: string, start: number): number {
  for (let end = text.indexOf('"', start + 1); ; end = text.indexOf('"', end + 1)) {
    let slashes = 0;
    while (text[end - 1 - slashes] === '\\') slashes += 1;
    if (slashes % 2 === 0) return end + 1;
  }
}

function isKey(text: string, after: number): boolean {
  const next = /\S/g;
  next.lastIndex = after;
  return next.exec(text)?.[0] === ':';
}

function lineOf(text: string, position: number): number {
  return text.slice(0, position).split('\n').length;
}
