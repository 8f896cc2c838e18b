// What the prediction log costs: processor time for one answer with the log off and full, at the loopback address and in one
// run. The servers take turns; the table shows medians of the rounds, the threads that write included. Writes to a throw-away
// folder. Takes 2 minutes.
//   node_modules/node/bin/node bench/prediction-log.ts
//   --before <folder>     another version of this repository with its packages, as a third server; default: none
//   --rounds <n>          default 3
//   --seconds <n>         of each measurement (default 3)

import { cpus, loadavg } from 'node:os';
import { join } from 'node:path';
import { parseScript } from '../platform/lib/parse-script.ts';
import { serverFlags } from '../platform/lib/server-flags.ts';
import { quantile } from './reliability/table.ts';
import { type Contender, findPort, startContender } from './serving/contender.ts';
import { measureRate } from './serving/measure.ts';
import { createRepository } from './serving/repository.ts';
import { makePhoto, postBinary, postPhoto, postTensor } from './serving/requests.ts';

const { values } = parseScript({
  options: {
    before: { type: 'string', default: '' },
    rounds: { type: 'string', default: '3' },
    seconds: { type: 'string', default: '3' },
  },
});
const repository = await createRepository();
const [small, large] = [await makePhoto(288, 216), await makePhoto(1600, 1600)];
const inferPath = '/v2/models/pumpkins/infer';
const requests: Readonly<Record<string, Buffer>> = {
  'photo 288 × 216': postPhoto('/predict', small),
  'photo 1600 × 1600': postPhoto('/predict', large),
  'tensor as JSON': postTensor(inferPath),
  'tensor as bytes': postBinary(inferPath),
};
const servers: Contender[] = [];
try {
  if (values.before) servers.push(await start('before', values.before, 'off'));
  servers.push(await start('off', join(import.meta.dirname, '..'), 'off'));
  servers.push(await start('full', join(import.meta.dirname, '..'), 'full'));
  process.stdout.write(`${cpus()[0]?.model}, load ${loadavg()[0]?.toFixed(1)}\n`);
  for (const [kind, request] of Object.entries(requests)) {
    process.stdout.write(`${kind}: ${await measure(request)}\n`);
  }
} finally {
  await Promise.all(servers.map((server) => server.stop()));
  await repository.remove();
}

async function start(name: string, folder: string, log: string): Promise<Contender> {
  const port = await findPort();
  const server = [...serverFlags, join(folder, 'serving/server.ts'), '--root', repository.root];
  const command = [process.execPath, ...server, '--port', String(port)];
  const environment = { LOG_LEVEL: 'silent', HOST: '127.0.0.1', MAINSTEM_PREDICTION_LOG: log };
  return startContender({ name, command, environment, first: postPhoto('/predict', small) }, port);
}

/** Milliseconds of processor time for one answer of each server. */
async function measure(request: Buffer): Promise<string> {
  const spent = servers.map((): number[] => []);
  for (let round = 0; round < Number(values.rounds); round++) {
    for (const [place, server] of servers.entries()) {
      const { processorMs, failed } = await measureRate(
        server,
        { port: server.port, request },
        Number(values.seconds),
      );
      if (failed > 0) throw new Error(`${failed} requests failed`);
      spent[place]?.push(processorMs);
    }
  }
  return servers
    .map(({ name }, place) => `${name} ${quantile(spent[place] ?? [], 0.5).toFixed(3)} ms`)
    .join(', ');
}
