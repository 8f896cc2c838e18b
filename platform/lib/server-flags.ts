/**
 * What Node is started with for the server. Bytes of bodies, photos and tensors wait outside the heap until the young
 * generation is collected; a small one is collected often, so that they take a third less memory, and the whole heap is
 * searched for them less often. They count as part of the heap, which is small: that they make it three times as large is no reason
 * to search all of it, as a tenth more was. With large photos that happened every ten requests, and stopped everything for 9 ms.
 */
export const serverFlags = ['--max-semi-space-size=2', '--heap-growing-percent=200'] as const;

/**
 * What it is started with in the environment where models are loaded and unloaded all the time, and in every container: what they
 * leave goes back to the system. By default glibc keeps blocks that are as large as one that was freed before, and a server grows to
 * three times what its models may take (bench/RESULTS.md).
 */
export const serverMemory = { MALLOC_MMAP_THRESHOLD_: '131072' } as const;
