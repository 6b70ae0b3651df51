// The citizens' kiosk: an interview from welcome to thanks, and no trace of the last person for the next.
import { type Page } from '@playwright/test';
import { KIOSK } from '../support/browser';
import { Device } from '../support/device';
import { eventually } from '../support/eventually';
import { Citizen, DUKCAPIL, KESEHATAN, enrol, kept } from '../support/people';
import type { Server } from '../support/server';
import { traces } from '../support/traces';
import { expect, test } from '../support/walk';

test.use(KIOSK);

const WELCOME = 'Bagaimana Anda dilayani hari ini?';
const MARKER = 'zurichkapibara4711';

const welcome = (page: Page) => page.getByRole('heading', { level: 1, name: WELCOME });
const warning = (page: Page) => page.getByRole('dialog', { name: 'Masih di sini?' });

/** A kiosk at one unit, at its welcome screen. */
async function kiosk(page: Page, server: Server, unit = DUKCAPIL): Promise<void> {
  await enrol(page, server.url, await server.code({ role: 'kiosk', unit: unit.id, person: 'Kios' }), 'Kios');
  await expect(welcome(page)).toBeVisible();
}

/** How many interviews the server counts at a unit. */
class Count {
  private constructor(private readonly coordinator: Device) {}

  static async of(server: Server): Promise<Count> {
    return new Count(await Device.enrol(server.url, await server.code({ role: 'coordinator', person: 'Sari' })));
  }

  async at(unit: { id: string }): Promise<number> {
    const { governments } = await this.coordinator.get('coverage');
    return governments.flatMap((one: any) => one.units).find((one: any) => one.id === unit.id).interviews;
  }

  async total(): Promise<number> {
    const { governments } = await this.coordinator.get('coverage');
    return governments.reduce((sum: number, one: any) => sum + one.interviews, 0);
  }
}

async function expectNoTrace(page: Page): Promise<void> {
  await expect.poll(() => traces(page, MARKER)).toEqual([]);
  await page.goBack();
  await expect(page.getByRole('heading', { level: 1 })).toBeVisible();
  expect(await traces(page, MARKER)).toEqual([]);
  await page.goForward();
  await expect(welcome(page)).toBeVisible();
  expect(await traces(page, MARKER)).toEqual([]);
  await page.reload();
  await expect(welcome(page)).toBeVisible();
  expect(await traces(page, MARKER)).toEqual([]);
}

test('a kiosk without a unit asks for it once, and remembers it', async ({ page, server }) => {
  await enrol(page, server.url, await server.code({ role: 'kiosk', person: 'Kios' }), 'Kios');
  await expect(page.getByRole('heading', { level: 1, name: 'Kios ini berada di unit mana?' })).toBeVisible();
  await page.getByRole('button', { name: `${KESEHATAN.name}, ${KESEHATAN.government}` }).click();
  await expect(welcome(page)).toBeVisible();
  await expect(page.getByText(KESEHATAN.name)).toBeVisible();
  await page.reload();
  await expect(welcome(page)).toBeVisible();
  await expect(page.getByText(KESEHATAN.name)).toBeVisible();
});

test('a citizen answers one question a page from consent to thanks, and the server has one more interview', async ({ page, server }) => {
  const count = await Count.of(server);
  await kiosk(page, server);
  await expect(page.getByText(DUKCAPIL.name)).toBeVisible();
  const citizen = await Citizen.begin(page);
  await expect(page.getByRole('button', { name: 'Kembali' })).toHaveCount(0);
  await citizen.goOnTo('Berapa umur Anda?');

  await citizen.press('kiosk.next');
  await expect(page.getByText('Mohon pilih umur Anda.')).toBeVisible();
  await expect(citizen.question).toHaveText('Berapa umur Anda?');
  await citizen.choose('18 tahun atau lebih');
  await expect(page.getByText('Mohon pilih umur Anda.')).toBeHidden();
  await citizen.turn();
  await expect(citizen.question).toHaveText('Apakah Anda setuju menjawab pertanyaan kami?');
  await citizen.press('kiosk.next');
  await expect(page.getByText('Mohon pilih setuju atau tidak.')).toBeVisible();
  await citizen.choose('Ya, saya setuju');

  await citizen.turn('kiosk.back');
  await expect(page.getByRole('radio', { name: '18 tahun atau lebih' })).toBeChecked();
  await citizen.turn();
  await expect(page.getByRole('radio', { name: 'Ya, saya setuju' })).toBeChecked();
  await citizen.turn();

  await citizen.goOnTo('Adakah yang ingin Anda sampaikan?', {
    'Apakah ada petugas yang meminta uang, barang atau bantuan di luar biaya resmi?': 'Ada isyarat, tidak terang-terangan',
  });
  await citizen.write('Antrean panjang, petugas ramah.');
  await citizen.finish();
  await expect.poll(() => count.at(DUKCAPIL)).toBe(1);
  expect(await count.total()).toBe(1);
  await citizen.press('kiosk.again');
  await expect(welcome(page)).toBeVisible();
});

test('an interview in English is in English throughout, and the next person is greeted in Indonesian', async ({ page, server }) => {
  const count = await Count.of(server);
  await kiosk(page, server);
  const citizen = await Citizen.begin(page, 'en');
  await expect(page.locator('html')).toHaveAttribute('lang', 'en');
  await citizen.goOnTo('How old are you?');
  await citizen.press('kiosk.next');
  await expect(page.getByText('Please choose your age.')).toBeVisible();
  await citizen.consent();
  await citizen.goOnToFreeWord();
  await citizen.finish();
  await expect(page.getByRole('heading', { level: 1, name: 'Thank you' })).toBeVisible();
  await expect.poll(() => count.at(DUKCAPIL)).toBe(1);
  await citizen.press('kiosk.again');
  await expect(welcome(page)).toBeVisible();
  await expect(page.locator('html')).toHaveAttribute('lang', 'id');
});

test('refusing consent ends with thanks, asks nothing more and stores nothing', async ({ page, server }) => {
  const count = await Count.of(server);
  await kiosk(page, server);
  const citizen = await Citizen.begin(page);
  await citizen.goOnTo('Apakah Anda setuju menjawab pertanyaan kami?');
  await citizen.choose('Tidak');
  await citizen.turn();
  await expect(citizen.question).toHaveText(/^Baik, kami mengerti/);
  await citizen.press('kiosk.finish');
  await expect(page.getByRole('heading', { level: 1, name: 'Terima kasih' })).toBeVisible();
  await expect(page.getByText('Tidak ada jawaban yang disimpan.')).toBeVisible();
  expect(await traces(page, 'dewasa')).toEqual(expect.not.arrayContaining([expect.stringMatching(/records|changes|outbox|journal/)]));

  // The next person's answers arrive, so whatever waited before them would have too.
  await citizen.press('kiosk.again');
  const next = await Citizen.begin(page);
  await next.goOnToFreeWord();
  await next.finish();
  await expect.poll(() => count.total()).toBe(1);
});

test('a child without a guardian who agrees is thanked and asked nothing', async ({ page, server }) => {
  await kiosk(page, server);
  const citizen = await Citizen.begin(page);
  await citizen.goOnTo('Berapa umur Anda?');
  await citizen.choose('Di bawah 18 tahun');
  await citizen.turn();
  await expect(citizen.question).toHaveText(/^Untuk orang tua atau wali/);
  await citizen.press('kiosk.next');
  await expect(page.getByText('Mohon orang tua atau wali memilih.')).toBeVisible();
  await citizen.choose('Orang tua atau wali tidak ada di sini');
  await citizen.turn();
  await expect(citizen.question).toHaveText(/^Baik, kami mengerti/);
  await citizen.press('kiosk.finish');
  await expect(page.getByText('Tidak ada jawaban yang disimpan.')).toBeVisible();
});

test('after 40 s without a touch the kiosk warns and counts down, and staying keeps the answers', async ({ page, server }) => {
  await page.clock.install();
  await kiosk(page, server);
  const citizen = await Citizen.begin(page);
  await citizen.goOnToFreeWord();
  await citizen.write('Masih menulis');
  await page.clock.fastForward(35_000);
  await expect(warning(page)).toBeHidden();
  await page.clock.fastForward(6_000);
  await expect(warning(page)).toBeVisible();
  await expect(warning(page)).toContainText(/Jawaban akan dihapus dalam 1\d detik/);
  await page.clock.fastForward(10_000);
  await expect(warning(page)).toContainText(/Jawaban akan dihapus dalam \d detik/);
  await page.getByRole('button', { name: 'Ya, lanjutkan' }).click();
  await expect(warning(page)).toBeHidden();
  await expect(page.getByRole('textbox')).toHaveValue('Masih menulis');
  await page.clock.fastForward(35_000);
  await expect(warning(page)).toBeHidden();
  await expect(page.getByRole('textbox')).toHaveValue('Masih menulis');
});

test('after 60 s without a touch the kiosk starts clean and holds nothing of the person who left', async ({ page, server }) => {
  await page.clock.install();
  await kiosk(page, server);
  const citizen = await Citizen.begin(page, 'en');
  await citizen.goOnToFreeWord();
  await citizen.write(MARKER);
  expect(await traces(page, MARKER)).not.toEqual([]);
  await page.clock.fastForward(41_000);
  await page.clock.fastForward(20_000);
  await expect(welcome(page)).toBeVisible();
  await expect(warning(page)).toBeHidden();
  await expectNoTrace(page);
  const next = await Citizen.begin(page);
  await expect(next.question).toHaveText(/^Kami dari Ombudsman RI/);
  await next.goOnTo('Berapa umur Anda?');
  await expect(page.getByRole('radio', { name: '18 tahun atau lebih' })).not.toBeChecked();
});

test('starting over from the warning, and thanks left standing, both make a clean start', async ({ page, server }) => {
  await page.clock.install();
  await kiosk(page, server);
  const citizen = await Citizen.begin(page);
  await citizen.consent();
  await page.clock.fastForward(41_000);
  await page.getByRole('button', { name: 'Mulai dari awal' }).click();
  await expect(welcome(page)).toBeVisible();
  await expect(warning(page)).toBeHidden();

  const next = await Citizen.begin(page);
  await next.goOnToFreeWord();
  await next.finish();
  await page.clock.fastForward(41_000);
  await page.clock.fastForward(20_000);
  await expect(welcome(page)).toBeVisible();
});

test('once sent, what the last citizen wrote is in neither page, history nor storage', async ({ page, server }) => {
  const count = await Count.of(server);
  await kiosk(page, server);
  const citizen = await Citizen.begin(page);
  await citizen.goOnToFreeWord();
  await citizen.write(MARKER);
  await citizen.finish();
  await expect.poll(() => count.at(DUKCAPIL)).toBe(1);
  await citizen.press('kiosk.again');
  await expect(welcome(page)).toBeVisible();
  await expectNoTrace(page);
});

test('what a citizen wrote is gone at once when they stop, without a network too', async ({ page, server }) => {
  await kiosk(page, server);
  await kept(page);
  const citizen = await Citizen.begin(page);
  await citizen.goOnToFreeWord();
  await citizen.write(MARKER);
  await citizen.press('kiosk.stop');
  await expect(welcome(page)).toBeVisible();
  await expectNoTrace(page);

  await server.stop();
  const next = await Citizen.begin(page);
  await next.goOnToFreeWord();
  await next.write(MARKER);
  await next.press('kiosk.stop');
  await expect(welcome(page)).toBeVisible();
  await expectNoTrace(page);
});

test('without a server interviews are kept and sent later, and leave no trace then', async ({ page, server }) => {
  const count = await Count.of(server);
  await kiosk(page, server);
  await kept(page);
  await server.stop();
  await page.reload();
  await expect(welcome(page)).toBeVisible();
  for (const word of [MARKER, 'Kedua']) {
    const citizen = await Citizen.begin(page);
    await citizen.goOnToFreeWord();
    await citizen.write(word);
    await citizen.finish();
    await citizen.press('kiosk.again');
  }
  // It waits in the store, where this walk can see it; so it would see what stayed behind.
  expect(await traces(page, MARKER)).not.toEqual([]);
  expect(await page.content()).not.toContain(MARKER);

  await server.start();
  await page.evaluate(() => window.dispatchEvent(new Event('online')));
  await expect.poll(() => count.at(DUKCAPIL), { timeout: 40_000 }).toBe(2);
  await expectNoTrace(page);
});

test('no address shows a citizen at the kiosk what others answered, though it waits to be sent', async ({ page, server }) => {
  await kiosk(page, server);
  await kept(page);
  await server.stop();
  const citizen = await Citizen.begin(page);
  await citizen.goOnToFreeWord();
  await citizen.write(MARKER);
  await citizen.finish();
  const record = await eventually(() => page.evaluate(recordHere));

  for (const path of ['/', `/unit/${DUKCAPIL.id}`, `/record/${record}`, '/sync', '/coverage', '/devices']) {
    await test.step(path, async () => {
      await page.goto(`${server.url}${path}`);
      await expect.soft(welcome(page), path).toBeVisible({ timeout: 3_000 });
      expect.soft(await page.content(), path).not.toContain(MARKER);
    });
  }
  await page.goto(`${server.url}/record/${record}?at=akhir`);
  await expect.soft(welcome(page), 'a part of a record').toBeVisible({ timeout: 3_000 });
  await expect.soft(page.getByRole('textbox')).toHaveCount(0);
});

/** The id of a record in the device's store; runs in the page. */
async function recordHere(): Promise<string | undefined> {
  const done = <T>(request: IDBRequest<T>) =>
    new Promise<T>((resolve, reject) => {
      request.onsuccess = () => resolve(request.result);
      request.onerror = () => reject(request.error);
    });
  const hex = (key: unknown) =>
    typeof key === 'string'
      ? key
      : [...new Uint8Array(key as ArrayBuffer)].map((byte) => byte.toString(16).padStart(2, '0')).join('');
  for (const { name } of await indexedDB.databases()) {
    const database = await done(indexedDB.open(name!));
    const store = [...database.objectStoreNames].find((store) => store.startsWith('record'));
    const keys = store === undefined ? [] : await done(database.transaction(store).objectStore(store).getAllKeys());
    database.close();
    if (keys.length > 0) return hex(keys[0]);
  }
  return undefined;
}
