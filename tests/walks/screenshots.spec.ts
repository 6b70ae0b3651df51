// Pictures of the main screens for README, with data as in the first days of a round: LOKET_SCREENSHOTS=1 writes
// them to docs/screenshots. Every screen on them is walked through elsewhere, so an ordinary run leaves them out.
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { type Browser, type Page } from '@playwright/test';
import { DESKTOP, KIOSK, PHONE } from '../support/browser';
import {
  Citizen, DUKCAPIL, KESEHATAN, choose, device, differ, enrol, kept, openSection, openVisit, send, twoPhones,
} from '../support/people';
import { SAMPLE_UNITS, Server } from '../support/server';
import { expect, test as base } from '../support/walk';

const DOCS = resolve(import.meta.dirname, '../../docs/screenshots');
const PUBLISHED = resolve(import.meta.dirname, '../../public/samples/published.csv');
const SMALL = { deviceScaleFactor: 1 };

/** A server with the units of one government, so that all of them fit into a picture. */
const test = base.extend({
  server: async ({}, use, { outputDir }) => {
    const [head, ...units] = (await readFile(SAMPLE_UNITS, 'utf8')).split('\n');
    const list = join(outputDir, 'units.csv');
    await mkdir(outputDir, { recursive: true });
    await writeFile(list, [head, ...units.filter((line) => line.includes(DUKCAPIL.government)), ''].join('\n'));
    const server = await Server.create(list);
    await server.start();
    await use(server);
    await server.discard();
  },
});

/** Takes the picture as it stands on the screen, and makes sure that there is something on it. */
async function take(page: Page, name: string): Promise<void> {
  await mkdir(DOCS, { recursive: true });
  await page.evaluate(async () => void (await document.fonts.ready));
  const png = await page.screenshot({ path: join(DOCS, name), animations: 'disabled' });
  const { colours, most } = await page.evaluate(look, png.toString('base64'));
  expect(colours, `${name} has colours`).toBeGreaterThan(30);
  expect(most, `${name} is not all of one colour`).toBeLessThan(0.98);
  expect(png.length, `${name} is small`).toBeLessThan(200_000);
}

/** Colours of a picture, and the share of the commonest one; runs in the page. */
async function look(base64: string): Promise<{ colours: number; most: number }> {
  const bytes = Uint8Array.from(atob(base64), (letter) => letter.charCodeAt(0));
  const picture = await createImageBitmap(new Blob([bytes], { type: 'image/png' }));
  const canvas = new OffscreenCanvas(picture.width, picture.height);
  const pen = canvas.getContext('2d')!;
  pen.drawImage(picture, 0, 0);
  const points = new Uint32Array(pen.getImageData(0, 0, picture.width, picture.height).data.buffer);
  const counts = new Map<number, number>();
  for (const point of points) counts.set(point, (counts.get(point) ?? 0) + 1);
  return { colours: counts.size, most: Math.max(...counts.values()) / points.length };
}

async function interviews(browser: Browser, server: Server, unit: { id: string }, count: number): Promise<Page> {
  const page = await device(browser, { ...KIOSK, ...SMALL });
  await enrol(page, server.url, await server.code({ role: 'kiosk', unit: unit.id, person: 'Kios' }), 'Kios');
  for (let done = 0; done < count; done += 1) {
    const citizen = await Citizen.begin(page);
    await citizen.goOnToFreeWord();
    await citizen.finish();
    await citizen.press('kiosk.again');
  }
  return page;
}

test.skip(process.env.LOKET_SCREENSHOTS !== '1', 'pictures are taken when LOKET_SCREENSHOTS=1 asks for them');

test('the main screens of phone and desk show a round at work', async ({ browser, server }) => {
  test.setTimeout(120_000);
  const phones = await twoPhones(browser, server, { ...PHONE, ...SMALL });
  const [rina, budi] = phones;
  for (const phone of phones) phone.setDefaultTimeout(10_000);
  await openVisit(budi, KESEHATAN);
  await budi.getByRole('button', { name: 'Selesaikan kunjungan' }).click();
  await budi.getByRole('button', { name: 'Selesaikan walau belum lengkap' }).click();
  await expect(budi.getByRole('heading', { level: 1, name: KESEHATAN.name })).toBeVisible();
  await send(budi);
  await interviews(browser, server, DUKCAPIL, 3);
  await interviews(browser, server, KESEHATAN, 2);
  await differ(phones, server);

  const desk = await device(browser, { ...DESKTOP, viewport: { width: 1280, height: 1000 } });
  await enrol(desk, server.url, await server.code({ role: 'coordinator', person: 'Sari' }), 'Sari');
  await expect(async () => {
    await desk.getByRole('button', { name: 'Perbarui' }).click({ timeout: 1_000 });
    await expect(desk.getByText('5 dari 30')).toBeVisible({ timeout: 1_000 });
    await expect(desk.getByText('Jam datang')).toBeVisible({ timeout: 1_000 });
  }).toPass();
  await take(desk, 'desktop-coverage.png');
  await server.loket('published', 'import', PUBLISHED);
  await desk.goto(`${server.url}/results?government=${encodeURIComponent('Kota Bontang')}`);
  await expect(desk.getByText('2023: 88,23, kategori A, zona hijau.')).toBeVisible();
  await take(desk, 'desktop-results.png');

  await rina.getByRole('link', { name: 'Loket', exact: true }).click();
  await expect(rina.getByText('1 jawaban berbeda')).toBeVisible();
  await take(rina, 'phone-units.png');

  await openVisit(rina, DUKCAPIL);
  await openSection(rina, 'Unit & tempat');
  await expect(rina.getByText(/^Budi, /)).toBeVisible();
  await rina.getByText('Dua jawaban berbeda').evaluate((element) => element.closest('.question')!.scrollIntoView());
  await take(rina, 'phone-clash.png');

  await rina.getByRole('link', { name: 'Lanjut' }).click();
  await rina.getByRole('button', { name: 'Tambah: Produk' }).click();
  await rina.getByLabel(/^Nama produk/).fill('Kartu keluarga');
  const requirements = rina.getByRole('group', { name: '1. Persyaratan' });
  await requirements.getByRole('radio', { name: 'Ada, lengkap, mudah dibaca' }).check();
  await expect(rina.locator('.save-state')).toHaveText('Tersimpan di perangkat ini');
  await rina.getByRole('heading', { name: '1. Persyaratan' }).evaluate((heading) => heading.scrollIntoView());
  await expect(requirements.getByText('Foto di loket')).toBeVisible();
  await take(rina, 'phone-section.png');

  await kept(rina);
  await rina.context().setOffline(true);
  await requirements.getByRole('radio', { name: 'Ada, lengkap, mudah dicari' }).check();
  await rina.getByRole('link', { name: 'Lanjut' }).click();
  await rina.getByRole('link', { name: 'Loket', exact: true }).click();
  await rina.getByRole('link', { name: 'Kiriman' }).click();
  await expect(rina.locator('main').getByText('Tidak ada jaringan')).toBeVisible();
  await expect(rina.getByRole('heading', { name: 'Yang menunggu' })).toBeVisible();
  await take(rina, 'phone-sync.png');
});

test('the main screens of the kiosk invite and thank', async ({ browser, server }) => {
  const page = await interviews(browser, server, DUKCAPIL, 0);
  await expect(page.getByText(DUKCAPIL.name)).toBeVisible();
  await take(page, 'kiosk-welcome.png');
  const citizen = await Citizen.begin(page);
  await citizen.goOnTo('Apakah pelayanannya cepat?');
  await citizen.choose('Cepat');
  await take(page, 'kiosk-question.png');
  await citizen.goOnToFreeWord();
  await citizen.finish();
  await take(page, 'kiosk-thanks.png');
});
