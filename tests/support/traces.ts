// Looks for a text in everything a page can reach: its own DOM, history, settings, databases and caches.
import { inflateRawSync, constants } from 'node:zlib';
import type { Page } from '@playwright/test';

type Found = { where: string; text?: string; base64?: string };

/** The places that hold `marker`. */
export async function traces(page: Page, marker: string): Promise<string[]> {
  const everything = await page.evaluate(collect);
  return everything.filter((thing) => holds(thing, marker)).map((thing) => thing.where);
}

function holds({ text, base64 }: Found, marker: string): boolean {
  if (text?.includes(marker)) return true;
  if (base64 === undefined) return false;
  const bytes = Buffer.from(base64, 'base64');
  const needles = [Buffer.from(marker, 'utf8'), Buffer.from(marker, 'utf16le')];
  if (needles.some((needle) => bytes.includes(needle))) return true;
  return needles.some((needle) => inflated(bytes).some((plain) => plain.includes(needle)));
}

/** What compressed parts hold: Automerge packs larger changes with DEFLATE, behind a head of some 10 to 14 bytes. */
function inflated(bytes: Buffer): Buffer[] {
  const magic = Buffer.from([0x85, 0x6f, 0x4a, 0x83]);
  const plain: Buffer[] = [];
  for (let at = bytes.indexOf(magic); at !== -1; at = bytes.indexOf(magic, at + 1)) {
    for (let head = 9; head <= 16; head += 1) {
      try {
        plain.push(inflateRawSync(bytes.subarray(at + head), { finishFlush: constants.Z_SYNC_FLUSH }));
      } catch {
        // Not the start of a compressed part.
      }
    }
  }
  return plain;
}

/** Runs in the page. */
async function collect(): Promise<Found[]> {
  const found: Found[] = [];
  const add = (where: string, text: string) => found.push({ where, text });
  const base64 = (bytes: Uint8Array) => {
    let text = '';
    for (const byte of bytes) text += String.fromCharCode(byte);
    return btoa(text);
  };

  async function addValue(where: string, value: unknown, seen = new Set<unknown>()): Promise<void> {
    if (value === null || typeof value !== 'object') return void add(where, String(value));
    if (seen.has(value)) return;
    seen.add(value);
    if (value instanceof Blob) return addValue(where, await value.arrayBuffer(), seen);
    if (value instanceof ArrayBuffer) return void found.push({ where, base64: base64(new Uint8Array(value)) });
    if (ArrayBuffer.isView(value)) {
      const bytes = new Uint8Array(value.buffer, value.byteOffset, value.byteLength);
      return void found.push({ where, base64: base64(bytes) });
    }
    if (value instanceof Map) return addValue(where, [...value.entries()], seen);
    const numbers = Array.isArray(value) && value.length > 0 && value.every((item) => typeof item === 'number');
    if (numbers) found.push({ where, base64: base64(Uint8Array.from(value as number[])) });
    for (const [key, item] of Object.entries(value)) {
      add(`${where}.${key}`, key);
      await addValue(`${where}.${key}`, item, seen);
    }
  }

  const done = <T>(request: IDBRequest<T>) =>
    new Promise<T>((resolve, reject) => {
      request.onsuccess = () => resolve(request.result);
      request.onerror = () => reject(request.error);
    });

  add('document', document.documentElement.outerHTML);
  for (const field of document.querySelectorAll<HTMLInputElement>('input, textarea, select')) {
    add(`field ${field.id}`, field.value);
  }
  add('title', document.title);
  add('address', location.href);
  add('cookie', document.cookie);
  add('window name', window.name);
  await addValue('history state', history.state);
  await addValue('local storage', { ...localStorage });
  await addValue('session storage', { ...sessionStorage });
  for (const { name } of await indexedDB.databases()) {
    const database = await done(indexedDB.open(name!));
    for (const store of database.objectStoreNames) {
      const held = database.transaction(store).objectStore(store);
      const [keys, values] = await Promise.all([done(held.getAllKeys()), done(held.getAll())]);
      for (const [at, key] of keys.entries()) {
        await addValue(`${name}/${store} key`, key);
        await addValue(`${name}/${store}`, values[at]);
      }
    }
    database.close();
  }
  for (const name of await caches.keys()) {
    const cache = await caches.open(name);
    for (const request of await cache.keys()) {
      add(`cache ${name} address`, request.url);
      if (/\.(packed|png)$/.test(new URL(request.url).pathname)) continue;
      add(`cache ${name} ${request.url}`, await (await cache.match(request))!.text());
    }
  }
  return found;
}
