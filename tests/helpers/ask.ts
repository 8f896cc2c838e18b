import type { Page } from 'playwright-core';

/** What the worker of an exported page replied. */
export interface PageReply {
  readonly answer?: unknown;
  readonly problem?: { readonly code: string; readonly detail: string };
  /** From the question to the reply, as the page saw it. */
  readonly ms: number;
}

/** Asks a worker of an exported page, as the page itself does. @param input the bytes of a photo, or a row */
export function askPage(page: Page, input: Uint8Array | object): Promise<PageReply> {
  const question =
    input instanceof Uint8Array
      ? { kind: 'photo', base64: Buffer.from(input).toString('base64') }
      : { kind: 'row', row: input };
  return page.evaluate(({ base64 = '', ...ask }) => {
    const worker: Worker =
      Reflect.get(globalThis, 'asked') ?? new Worker('worker.js', { type: 'module' });
    Reflect.set(globalThis, 'asked', worker);
    const bytes = Uint8Array.from(atob(base64), (letter) => letter.charCodeAt(0));
    const photo = ask.kind === 'photo' ? { photo: new Blob([bytes]) } : {};
    const began = performance.now();
    return new Promise<PageReply>((resolve) => {
      worker.onmessage = ({ data }) => resolve({ ...data, ms: performance.now() - began });
      worker.postMessage({ id: 1, ask: { ...ask, ...photo } });
    });
  }, question);
}

/** Asks a server about a photo, with a form as its page sends it. @returns what it said, as JSON */
export async function askServer(server: string, photo: Uint8Array): Promise<unknown> {
  const body = new FormData();
  body.append('file', new Blob([new Uint8Array(photo)]), 'photo');
  const response = await fetch(`${server}/predict`, { method: 'POST', body });
  return response.json();
}
