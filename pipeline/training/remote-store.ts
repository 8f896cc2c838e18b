import type { Artefact, BlobStore } from '../../platform/schemas/index.ts';
import { failureError } from './failure.ts';
import type { FromWorker, ToWorker } from './messages.ts';

/** The part of a process or port that messages pass through. */
export interface Channel {
  send(message: FromWorker): void;
  onMessage(listener: (message: ToWorker) => void): void;
}

type Answer = Exclude<ToWorker, { type: 'start' }>;

/** The stage's store, as seen from the training process. */
export function createRemoteStore(channel: Channel): Pick<BlobStore, 'get' | 'put' | 'has'> {
  const waiting = new Map<number, (answer: Answer) => void>();
  let last = 0;
  channel.onMessage((message) => {
    if (message.type === 'start') return;
    waiting.get(message.id)?.(message);
    waiting.delete(message.id);
  });
  const ask = async (request: (id: number) => FromWorker): Promise<Answer> => {
    const id = ++last;
    const { promise, resolve } = Promise.withResolvers<Answer>();
    waiting.set(id, resolve);
    channel.send(request(id));
    const answer = await promise;
    if (answer.type === 'refused') throw failureError(answer.failure);
    return answer;
  };
  const get: BlobStore['get'] = async (digest) => {
    const answer = await ask((id) => ({ type: 'get', id, digest }));
    return answer.type === 'bytes' ? answer.bytes : unexpected(answer);
  };
  const put = async (bytes: Uint8Array, mediaType?: string): Promise<Artefact> => {
    const answer = await ask((id) => ({ type: 'put', id, bytes, mediaType }));
    return answer.type === 'stored' ? answer.artefact : unexpected(answer);
  };
  const has: BlobStore['has'] = async (digest) => get(digest).then(Boolean, () => false);
  return { get, put, has };
}

/** Answers a training process's request to the store. */
export async function answerRequest(
  store: BlobStore,
  request: Extract<FromWorker, { type: 'get' | 'put' }>,
): Promise<ToWorker> {
  const { id } = request;
  if (request.type === 'get') return { type: 'bytes', id, bytes: await store.get(request.digest) };
  return { type: 'stored', id, artefact: await store.put(request.bytes, request.mediaType) };
}

function unexpected(answer: Answer): never {
  throw new Error(`the store's answer was ${answer.type}`);
}
