import {
  Server,
  ServerCredentials,
  type ServerUnaryCall,
  type ServiceDefinition,
  type sendUnaryData,
} from '@grpc/grpc-js';
import { callOf } from './calls.ts';
import { createGuard, type GuardOptions } from './guard.ts';
import { createMethods, type Method } from './methods.ts';

/** Where it listens. */
interface Place {
  readonly host: string;
  readonly port: number;
}

/** The gRPC server of the Open Inference Protocol. */
export interface GrpcServer {
  /** Listens, and returns the address: `127.0.0.1:8081`. @throws Error of the system */
  listen(place: Place): Promise<string>;
  /** Takes no new calls, and waits until those in progress are answered. */
  close(): Promise<void>;
}

/** A client that is gone without a word is noticed after this time, and its work ends. */
const keepaliveMs = 30_000;
const keepaliveTimeoutMs = 10_000;

/**
 * Creates the server over what REST uses: the same models, threads, limits, keys and metrics. TLS is a proxy's matter, as
 * for REST.
 */
export function createGrpcServer(options: Omit<GuardOptions, 'methods'>): GrpcServer {
  const methods = createMethods(options.services);
  const server = new Server({
    interceptors: [createGuard({ ...options, methods })],
    'grpc.enable_channelz': 0,
    // The guard refuses first, by the limit of each method, and in the words of the protocol: this is the most that any version may take.
    'grpc.max_receive_message_length': options.services.config.bodyBytes,
    'grpc.max_concurrent_streams': options.services.config.queue,
    'grpc.keepalive_time_ms': keepaliveMs,
    'grpc.keepalive_timeout_ms': keepaliveTimeoutMs,
  });
  server.addService(definitionOf(methods), Object.fromEntries(methods.map(handlerOf)));
  return {
    listen: ({ host, port }) => {
      const name = host.includes(':') && !host.startsWith('[') ? `[${host}]` : host;
      return new Promise((resolve, reject) => {
        server.bindAsync(`${name}:${port}`, ServerCredentials.createInsecure(), (error, bound) => {
          if (error) reject(systemErrorOf(error));
          else resolve(`${name}:${bound}`);
        });
      });
    },
    close: () =>
      new Promise((resolve, reject) => {
        server.tryShutdown((error) => (error ? reject(error) : resolve()));
      }),
  };
}

/** Messages are bytes to the library: they are counted before they are decoded. */
function definitionOf(methods: readonly Method[]): ServiceDefinition {
  const asItIs = (bytes: Buffer) => bytes;
  const definition = ({ path }: Method) => ({
    ...{ path, requestStream: false, responseStream: false },
    ...{ requestSerialize: asItIs, requestDeserialize: asItIs },
    ...{ responseSerialize: asItIs, responseDeserialize: asItIs },
  });
  return Object.fromEntries(methods.map((method) => [method.path, definition(method)]));
}

function handlerOf(method: Method) {
  const handle = (
    { request, metadata }: ServerUnaryCall<Buffer, Buffer>,
    send: sendUnaryData<Buffer>,
  ): void => {
    const call = callOf(metadata);
    call.begin();
    const header = (name: string) => metadata.get(name)[0]?.toString();
    method.answer(request, { signal: call.signal, header }).then(
      (response) => send(null, Buffer.from(response.buffer, response.byteOffset, response.length)),
      (error: unknown) => send(call.fail(error)),
    );
  };
  return [method.path, handle] as const;
}

/** The library tells what the system said only in its words. */
function systemErrorOf(error: Error): Error {
  const code = /\bE[A-Z]{3,}\b/.exec(error.message)?.[0];
  return code ? Object.assign(error, { code, syscall: 'listen' }) : error;
}
