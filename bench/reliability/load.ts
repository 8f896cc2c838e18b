// Sends requests at a server from a process of its own, so that the one that measures stays free. Its parent sends one
// job and gets back one result.
import type { Socket } from 'node:net';
import { setTimeout as delay } from 'node:timers/promises';
import { openGrpcCaller } from './call-grpc.ts';
import { type Answer, exchange, now, openConnection } from './exchange.ts';

/** What to send for how long. */
export interface LoadJob {
  readonly port: number;
  /** @default 'http' */
  readonly protocol?: 'http' | 'grpc';
  /** The bytes of one request: an HTTP message, or one of gRPC. */
  readonly request: Uint8Array;
  readonly seconds: number;
  /** Clients that send their next request once they have an answer, or requests a second whatever the answers. */
  readonly load: { readonly clients: number } | { readonly rate: number };
  /** Most requests at once; whoever finds no connection free is not sent. Over gRPC they share a few. */
  readonly connections: number;
  /** Whether every request has a connection of its own. */
  readonly fresh: boolean;
  readonly patienceMs: number;
}

/** What came back. */
export interface LoadResult {
  readonly answers: readonly Answer[];
  /** Requests that were due, but found no free connection. */
  readonly unsent: number;
  /** Unix milliseconds. */
  readonly began: number;
}

process.once('message', async (job: LoadJob) => {
  const result = await sendLoad(job);
  process.send?.(result, () => process.disconnect());
});

/** Sends a job's request. */
interface Sender {
  /** @param sentAt when it was due */
  send(sentAt: number): Promise<Answer>;
  close(): void;
}

function createHttpSender(job: LoadJob): Sender {
  const idle: Socket[] = [];
  const request = Buffer.from(job.request);
  return {
    async send(sentAt) {
      const socket = idle.pop() ?? (await openConnection(job.port, job.patienceMs));
      if (!socket) return { outcome: 'refused', sentAt, ms: now() - sentAt, retryAfter: false };
      const answer = await exchange(socket, request, { totalMs: job.patienceMs });
      if (job.fresh) socket.destroy();
      else if (!socket.destroyed) idle.push(socket);
      // From the moment at which it was due, since waiting for a connection is waiting, too.
      return { ...answer, sentAt, ms: now() - sentAt };
    },
    close: () => {
      for (const socket of idle) socket.destroy();
    },
  };
}

function createGrpcSender(job: LoadJob): Sender {
  const message = Buffer.from(job.request);
  const caller = openGrpcCaller(job.port, job.patienceMs);
  return { send: (sentAt) => caller.call(message, sentAt), close: () => caller.close() };
}

async function sendLoad(job: LoadJob): Promise<LoadResult> {
  const answers: Answer[] = [];
  const sender = job.protocol === 'grpc' ? createGrpcSender(job) : createHttpSender(job);
  const send = async (sentAt = now()) => {
    answers.push(await sender.send(sentAt));
  };
  const began = now();
  const unsent = await ('rate' in job.load
    ? sendAtRate(job, job.load.rate, send)
    : sendInTurns(job, job.load.clients, send));
  sender.close();
  return { answers, unsent, began };
}

async function sendInTurns(job: LoadJob, clients: number, send: () => Promise<void>) {
  const end = now() + job.seconds * 1000;
  const client = async () => {
    while (now() < end) await send();
  };
  await Promise.all(Array.from({ length: clients }, client));
  return 0;
}

async function sendAtRate(job: LoadJob, rate: number, send: (dueAt: number) => Promise<void>) {
  const began = now();
  const open = new Set<Promise<void>>();
  let [due, unsent] = [0, 0];
  for (let passed = 0; passed < job.seconds; passed = (now() - began) / 1000) {
    for (; due < passed * rate; due++) {
      if (open.size >= job.connections) {
        unsent += 1;
        continue;
      }
      // A request that is sent late was due all the same: its answer counts from then on.
      const sent = send(began + (due / rate) * 1000).finally(() => open.delete(sent));
      open.add(sent);
    }
    await delay(1);
  }
  await Promise.all(open);
  return unsent;
}
