/** The 97.5 % quantile of the normal distribution: 95 % of it lies within ± this. */
export const normal975 = 1.959963984540054;
