import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { openStore } from '../../platform/storage/index.ts';
import { createModelRepository, gourds } from '../../tests/helpers/model-repository.ts';
import { endServer, launchServer } from '../../tests/helpers/serving-process.ts';
import { networkWith, promoteVersion } from '../../tests/helpers/versions.ts';
import { now } from '../reliability/exchange.ts';
import { type Row, renderMs } from '../reliability/table.ts';

/** Starts a server whose model's bytes are not in the store: it must say so, not wait; with the bytes it answers. */
export async function measureStart(): Promise<Row> {
  const repository = await createModelRepository();
  const { root } = repository;
  try {
    const network = await networkWith('of the start');
    await promoteVersion(repository, gourds, { run: '0123456789ab', network });
    await rm(join(root, '.mainstem/store'), { recursive: true });
    const began = now();
    const refusal = await launchServer(root).then(
      (server) => endServer(server).then(() => 'it started'),
      (error: Error) => error.message,
    );
    const refusedMs = now() - began;
    await openStore(root).put(network, 'application/onnx');
    const again = now();
    const server = await launchServer(root);
    const { status } = await fetch(`${server.url}/readyz`);
    const startMs = now() - again;
    await endServer(server);
    const code = /[A-Z]+_[A-Z_]+/.exec(refusal)?.[0] ?? refusal;
    return {
      what: 'start without the model’s bytes; later with them',
      found: `${code} after ${renderMs(refusedMs)}; \`/readyz\` ${status} ${renderMs(startMs)} after the start`,
      goal: { text: 'STORE_MISSING', met: code === 'STORE_MISSING' },
    };
  } finally {
    await repository.remove();
  }
}
