// Mainstem as a process for each core, with one thread each, all at one port: what a process with a thread for each core is compared
// with. Ends with SIGKILL to its group.
//   node processes.ts <processes> <options of serving/server.ts>
import cluster from 'node:cluster';
import { join } from 'node:path';

const [, , count = '2', ...args] = process.argv;
const exec = join(import.meta.dirname, '../../serving/server.ts');
cluster.setupPrimary({ exec, args, execArgv: process.execArgv });
for (let started = 0; started < Number(count); started++) cluster.fork({ MAINSTEM_WORKERS: '1' });
