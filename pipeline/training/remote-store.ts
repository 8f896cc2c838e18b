import type { Artefact, BlobStore } from '../../platform/schemas/index.ts';
import { failureError } from './failure.ts';
import type { FromWorker, ToWorker } from './messages.ts';

/** The part of a process that sends and receives messages. */
export interface MessageChannel {
  send(message: FromWorker): void;
  onMessage(listener: (message: ToWorker) => void): void;
}

type Reply = Exclude<ToWorker, { type: 'start' }>;

/** The stage's store, as the training process uses it: every call is a message to the stage. */
export function createRemoteStore(channel: MessageChannel): Pick<BlobStore, 'get' | 'put' | 'has'> {
  const waiting = new Map<number, (reply: Reply) => void>();
  let lastId = 0;
  channel.onMessage((message) => {
    if (message.type === 'start') return;
    waiting.get(message.id)?.(message);
    waiting.delete(message.id);
  });
  const ask = async (request: (id: number) => FromWorker): Promise<Reply> => {
    const id = ++lastId;
    const { promise, resolve } = Promise.withResolvers<Reply>();
    waiting.set(id, resolve);
    channel.send(request(id));
    const reply = await promise;
    if (reply.type === 'refused') throw failureError(reply.failure);
    return reply;
  };
  const get: BlobStore['get'] = async (digest) => {
    const reply = await ask((id) => ({ type: 'get', id, digest }));
    return reply.type === 'bytes' ? reply.bytes : unexpected(reply);
  };
  const put = async (bytes: Uint8Array, mediaType?: string): Promise<Artefact> => {
    const reply = await ask((id) => ({ type: 'put', id, bytes, mediaType }));
    return reply.type === 'stored' ? reply.artefact : unexpected(reply);
  };
  const has: BlobStore['has'] = async (digest) => get(digest).then(Boolean, () => false);
  return { get, put, has };
}

/** Answers a request from the training process to the store. @throws MainstemError STORE_MISSING, STORE_CORRUPT */
export async function answerRequest(
  store: BlobStore,
  request: Extract<FromWorker, { type: 'get' | 'put' }>,
): Promise<ToWorker> {
  const { id } = request;
  if (request.type === 'get') return { type: 'bytes', id, bytes: await store.get(request.digest) };
  return { type: 'stored', id, artefact: await store.put(request.bytes, request.mediaType) };
}

function unexpected(reply: Reply): never {
  throw new Error(`the store replied with ${reply.type}`);
}
