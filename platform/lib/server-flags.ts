/**
 * What Node is started with for the server. Bytes of bodies, photos and tensors wait outside the heap until the young
 * generation is collected; a small one is collected often, so that they take a third less memory, and the whole heap is
 * searched for them less often.
 */
export const serverFlags = ['--max-semi-space-size=2'] as const;
