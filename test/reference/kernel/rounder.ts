/** 1.5 * 2^52: float64 numbers of this size are integers, so adding it and taking it away rounds, half to even. */
export const ROUNDER = 6755399441055744;
