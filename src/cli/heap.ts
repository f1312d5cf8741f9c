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

/**
 * Lets V8 do without its baseline compiler, whose code is a tenth of the heap of a process that runs for weeks and goes on
 * growing; what is used often is optimized as ever. It makes a sync somewhat slower while that has not happened yet: for
 * a service that works for seconds in each quarter of an hour, flat memory is worth more.
 */
export function compileLess(): void {
  setFlagsFromString('--no-sparkplug');
}
