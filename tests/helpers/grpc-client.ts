import { connect } from 'node:http2';
import {
  create,
  type DescMessage,
  fromBinary,
  type MessageInitShape,
  type MessageShape,
  toBinary,
} from '@bufbuild/protobuf';
import { Client, credentials, Metadata, type ServiceError } from '@grpc/grpc-js';
import { GRPCInferenceService } from '../../serving/grpc/inference_pb.ts';

/** The path of a method. */
export const grpcPath = (name: string) => `/${GRPCInferenceService.typeName}/${name}`;

interface UnaryMethod<Input extends DescMessage, Output extends DescMessage> {
  readonly name: string;
  readonly input: Input;
  readonly output: Output;
}

interface CallOptions {
  /** Sent with the call. */
  readonly headers?: Readonly<Record<string, string>>;
  /** Milliseconds until the client waits no longer. */
  readonly within?: number;
  readonly signal?: AbortSignal;
}

/** A client of gRPC, by the library that most programs of Node use. */
export interface GrpcClient {
  /** Sends a request and waits for the answer. @throws ServiceError */
  call<Input extends DescMessage, Output extends DescMessage>(
    method: UnaryMethod<Input, Output>,
    request: MessageInitShape<Input>,
    options?: CallOptions,
  ): Promise<MessageShape<Output>>;
  close(): void;
}

/** Connects to a server. @param address `127.0.0.1:8081` */
export function connectGrpc(address: string): GrpcClient {
  const client = new Client(address, credentials.createInsecure());
  return {
    call: ({ name, input, output }, request, { headers = {}, within, signal } = {}) =>
      new Promise((resolve, reject) => {
        const metadata = new Metadata();
        for (const [key, value] of Object.entries(headers)) metadata.set(key, value);
        const sent = client.makeUnaryRequest(
          grpcPath(name),
          (message: MessageShape<typeof input>) => Buffer.from(toBinary(input, message)),
          (bytes: Buffer) => fromBinary(output, bytes),
          create(input, request),
          metadata,
          within === undefined ? {} : { deadline: Date.now() + within },
          (error: ServiceError | null, answer) =>
            error || !answer ? reject(error) : resolve(answer),
        );
        signal?.addEventListener('abort', () => sent.cancel());
      }),
    close: () => client.close(),
  };
}

/** A call whose bytes a test writes itself. */
export interface RawCall {
  write(bytes: Uint8Array): void;
  /** Says that nothing more comes. */
  end(): void;
  /** The status and the message that end it. */
  readonly status: Promise<{ readonly code: number; readonly text: string }>;
  /** Leaves without a word. */
  destroy(): void;
}

/** The five bytes before a message: whether it is compressed, and its length. */
export function messageHead(length: number, compressed = 0): Buffer {
  const head = Buffer.alloc(5);
  head.writeUInt8(compressed, 0);
  head.writeUInt32BE(length, 1);
  return head;
}

/** Opens a call on a connection of its own. */
export function openRawCall(address: string, name = 'ModelInfer', more = {}): RawCall {
  const session = connect(`http://${address}`);
  const stream = session.request({
    ...{ ':method': 'POST', ':path': grpcPath(name), te: 'trailers' },
    ...{ 'content-type': 'application/grpc+proto', ...more },
  });
  session.on('error', () => {});
  stream.on('error', () => {});
  const status = new Promise<{ code: number; text: string }>((resolve) => {
    const read = (headers: Readonly<Record<string, unknown>>) => {
      if (headers['grpc-status'] === undefined) return;
      const text = decodeURIComponent(String(headers['grpc-message']));
      resolve({ code: Number(headers['grpc-status']), text });
    };
    stream.on('response', read).on('trailers', read).resume();
  });
  return {
    write: (bytes) => void stream.write(bytes),
    end: () => void stream.end(),
    status,
    destroy: () => session.destroy(),
  };
}
