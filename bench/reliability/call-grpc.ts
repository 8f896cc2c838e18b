import { Client, credentials, status } from '@grpc/grpc-js';
import { type Answer, now, type Outcome } from './exchange.ts';

/** Sends the same message of the Open Inference Protocol over gRPC, again and again. */
export interface GrpcCaller {
  /** Sends it and waits for the answer. @param sentAt when it was due */
  call(message: Buffer, sentAt: number): Promise<Answer>;
  close(): void;
}

/** As many as HTTP clients would have, so that no connection's window is what is measured. */
const channels = 16;
const method = '/inference.GRPCInferenceService/ModelInfer';
const same = (bytes: Buffer) => bytes;

/** Connects to a port of this machine, by several connections in turns. */
export function openGrpcCaller(port: number, patienceMs: number): GrpcCaller {
  // Otherwise channels to the same address share a connection.
  const options = { 'grpc.use_local_subchannel_pool': 1 };
  const address = `127.0.0.1:${port}`;
  const clients = Array.from(
    { length: channels },
    () => new Client(address, credentials.createInsecure(), options),
  );
  let turn = 0;
  return {
    async call(message, sentAt) {
      turn = (turn + 1) % channels;
      const client = clients[turn];
      const outcome = await new Promise<Outcome>((resolve) => {
        const deadline = Date.now() + patienceMs;
        client?.makeUnaryRequest(method, same, same, message, { deadline }, (error) =>
          resolve(error ? outcomeOf(error.code) : 200),
        );
      });
      return { outcome, sentAt, ms: now() - sentAt, retryAfter: false };
    },
    close: () => {
      for (const client of clients) client.close();
    },
  };
}

function outcomeOf(code: status): Outcome {
  if (code === status.DEADLINE_EXCEEDED) return 'hanging';
  return code === status.UNAVAILABLE ? 503 : 500;
}
