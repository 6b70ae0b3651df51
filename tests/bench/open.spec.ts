// How long the app takes to open with ten records on the phone and with ten thousand: until the list of units stands, and
// until it says what was done at each. The records are one that a surveyor made, kept again under other ids and spread
// over the units, so that whatever the app reads of a record when it opens it reads of each of them.
import type { Browser, Page } from '@playwright/test';
import type { Server } from '../support/server';
import { median, slow } from '../support/stopwatch';
import { BONTANG, SURVEYOR, Surveyor } from '../support/surveyor';
import { expect, test } from '../support/walk';

const LOADS = Number(process.env.LOKET_BENCH_LOADS ?? 7);
const [FEW, MANY] = [10, 10_000];
/** The units of the samples. */
const UNITS = 15;
/** An opening that takes so much longer is still the same on a machine that others work on. */
const NO_SLOWER = 1.15;

test.use({ trace: 'off', screenshot: 'off' });

test('the app opens with 10,000 records as quickly as with 10', async ({ browser, server }) => {
  test.setTimeout(900_000);
  const phones = [await phoneWith(browser, server, FEW), await phoneWith(browser, server, MANY)];
  for (const speed of [1, 6]) {
    // In turns, so that both meet the same machine.
    for (let load = 0; load < LOADS; load += 1) {
      for (const { rina, devtools, opened } of load % 2 === 0 ? phones : phones.toReversed()) {
        await slow(devtools, speed);
        await rina.page.goto(server.url);
        opened.push(await rina.page.evaluate(() => (globalThis as unknown as Opening).opened));
        await slow(devtools, 1);
      }
    }
    const at = speed === 1 ? 'open' : `open x${speed}`;
    for (const [kind, words] of [['list', 'list of units'], ['work', 'with what was done']] as const) {
      const [few, many] = phones.map(({ opened }) => median(opened.map((times) => times[kind]))) as [number, number];
      print(`${at} ${words}, ${FEW} records`, few.toFixed(0), 'ms');
      print(`${at} ${words}, ${MANY} records`, many.toFixed(0), 'ms', `<= ${(NO_SLOWER * few).toFixed(0)} (as with ${FEW})`);
    }
    for (const { opened } of phones) opened.length = 0;
  }
  for (const { rina, count } of phones) {
    await rina.openUnit(BONTANG);
    const listed = rina.page.getByRole('link', { name: /^Wawancara \d+/ });
    await expect(async () => expect(await listed.count()).toBeGreaterThanOrEqual(Math.ceil(count / UNITS))).toPass();
  }
});

/** A phone with so many records. */
async function phoneWith(browser: Browser, server: Server, count: number) {
  const context = await browser.newContext({ ...SURVEYOR, serviceWorkers: 'block' });
  const rina = await Surveyor.enrol(await context.newPage(), server, 'Rina');
  await rina.interview(BONTANG);
  await rina.page.locator('.chip[data-state=sent]').waitFor();
  await keep(rina.page, count);
  await watchOpening(rina.page);
  return { rina, count, devtools: await context.newCDPSession(rina.page), opened: [] as { list: number; work: number }[] };
}

type Opening = { opened: Promise<{ list: number; work: number }> };

/** From now on each page tells when its units stood there, and when what was done at the first of them did. */
async function watchOpening(page: Page): Promise<void> {
  await page.addInitScript(() => {
    const opened = new Promise((done) => {
      let list = 0;
      const look = () => {
        if (list === 0 && document.querySelector('main .item') !== null) list = performance.now();
        if (/\d wawancara/i.test(document.querySelector('main')?.textContent ?? '')) done({ list, work: performance.now() });
        else requestAnimationFrame(look);
      };
      requestAnimationFrame(look);
    });
    Object.assign(globalThis, { opened });
  });
}

/** Leaves so many records on this phone, all like the one that was made. */
async function keep(page: Page, count: number): Promise<void> {
  await page.evaluate(async (count) => {
    const asked = <T>(request: IDBRequest<T>) =>
      new Promise<T>((done, failed) => {
        request.onsuccess = () => done(request.result);
        request.onerror = () => failed(request.error);
      });
    const database = await asked(indexedDB.open('loket'));
    const transaction = database.transaction(['records', 'meta'], 'readwrite');
    const finished = new Promise((done) => (transaction.oncomplete = done));
    const records = transaction.objectStore('records');
    const made = (await asked(records.getAll())).find((record) => record.kind === 'interview');
    const home = (await asked(transaction.objectStore('meta').get('home'))) as { json: string };
    const units = (JSON.parse(home.json) as { units: { id: string }[] }).units.map((unit) => unit.id);
    // The first at the unit where it was made, the others from there on in turn.
    const from = units.indexOf(made.unit);
    for (let at = 1; at < count; at += 1) {
      const unit = units[(from + at) % units.length]!;
      const id = at.toString(16).padStart(32, '0');
      records.put({ ...made, id, unit, genesis: { ...made.genesis, unit } });
    }
    await finished;
    database.close();
  }, count);
}

function print(name: string, value: string, unit: string, goal = '-'): void {
  console.log(`${name.padEnd(48)} ${value.padStart(8)} ${unit.padEnd(4)} ${goal}`);
}
