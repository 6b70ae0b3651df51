// Waits for something that comes true by itself, and says so where it does not.
import { setTimeout as pause } from 'node:timers/promises';

/** Calls `look` until it gives a value; a thrown error counts as "not yet". */
export async function eventually<T>(look: () => Promise<T | undefined>, limit = 15_000): Promise<T> {
  const end = Date.now() + limit;
  let last: unknown;
  while (Date.now() < end) {
    try {
      const value = await look();
      if (value !== undefined) return value;
    } catch (error) {
      last = error;
    }
    await pause(50);
  }
  throw new Error(`not within ${limit} ms`, { cause: last });
}
