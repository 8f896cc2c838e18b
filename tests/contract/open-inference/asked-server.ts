import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { type RunningServer, startServer } from '../../../pipeline/operations/start-server.ts';
import { silentReporter } from '../../../platform/lib/reporter.ts';
import {
  createModelRepository,
  gourds,
  type ModelRepository,
  pumpkins,
} from '../../helpers/model-repository.ts';
import { inferenceClients } from '../../helpers/tools.ts';

/** Another server than ours: its addresses, one of its models, and the width of the rows that this takes. */
const { OIP_URL, OIP_GRPC, OIP_MODEL = '', OIP_WIDTH = '' } = process.env;

/** A server with a model of rows that clients ask; by the environment, any server, otherwise ours. */
export interface AskedServer {
  readonly url: string;
  /** Address of its gRPC; null where another server's was not said. */
  readonly grpc: string | null;
  readonly model: string;
  /** Numbers of a row. */
  readonly width: number;
  /** Ours, which runs in any case: it takes photos, too. */
  readonly ours: { readonly url: string; readonly grpc: string };
  readonly isOurs: boolean;
  stop(): Promise<void>;
}

/** Starts our server with two small models, and says which one to ask. */
export async function startAskedServer(): Promise<AskedServer> {
  const repository = await createModelRepository(gourds, pumpkins);
  const { signal } = new AbortController();
  const workspace = { root: repository.root, reporter: silentReporter, signal };
  const options = { port: 0, grpcPort: 0, host: '127.0.0.1', model: 'pumpkins' };
  const server = await startServer(workspace, options);
  const ours = { url: server.url, grpc: server.grpc ?? '' };
  const common = { ours, stop: () => stop(server, repository) };
  if (OIP_URL === undefined) {
    return { ...common, ...ours, model: 'gourds', width: 3, isOurs: true };
  }
  const other = { url: OIP_URL, grpc: OIP_GRPC ?? null, model: OIP_MODEL };
  return { ...common, ...other, width: Number(OIP_WIDTH), isOurs: false };
}

async function stop(server: RunningServer, repository: ModelRepository): Promise<void> {
  await server.stop();
  await repository.remove();
}

/** Runs a script of this folder, which prints JSON. */
export async function runClient(script: string, ...args: string[]) {
  const given = [join(import.meta.dirname, script), ...args];
  const { stdout } = await promisify(execFile)(inferenceClients.python, given);
  return JSON.parse(stdout);
}
