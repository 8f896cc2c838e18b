/** More seeds than this say nothing more of how much they differ. In a file of its own: the command line loads no schemas. */
export const mostSeeds = 20;
