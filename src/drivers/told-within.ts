/**
 * A program that was there before us is asked where it stands before its connection is used: it answers within
 * milliseconds, on a busy machine within seconds. After this its status is told when it comes.
 */
export const TOLD_WITHIN_MS = 5_000;
