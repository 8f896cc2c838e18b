import type { FastifyReply, FastifyRequest } from 'fastify';

/** A hook as the framework calls it back. */
export type HookAtOnce = (request: FastifyRequest, reply: FastifyReply, done: () => void) => void;

/**
 * A hook that waits for nothing. What it throws is answered as that of any hook; an async function would cost every request promises,
 * and a turn for each.
 *
 * @example app.addHook('onRequest', atOnce(({ is404 }) => { if (is404) throw … }))
 */
export function atOnce(work: (request: FastifyRequest, reply: FastifyReply) => void): HookAtOnce {
  return (request, reply, done) => {
    work(request, reply);
    done();
  };
}
