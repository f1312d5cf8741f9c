import { setFlagsFromString } from 'node:v8';

/**
 * Lets the garbage collector run before the heap has grown by more than a fifth of what lives in it. By itself V8 lets it
 * grow to a multiple first: a long sync makes garbage all the time and keeps little, and its peak would depend on its
 * length. It costs little processor time. Flags that come late are not promised to work; this one is read after each
 * collection.
 */
export function growHeapSlowly(): void {
  setFlagsFromString('--heap-growing-percent=20');
}
