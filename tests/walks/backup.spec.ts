// A phone that never reached the network: what it saved as a file is taken in by the server, or by a colleague's phone.
import { writeFile } from 'node:fs/promises';
import { type Page } from '@playwright/test';
import { Coordinator } from '../support/coordinator';
import type { Server } from '../support/server';
import { BONTANG, phone, picture, Surveyor, SURVEYOR } from '../support/surveyor';
import { expect, test } from '../support/walk';

test.use(SURVEYOR);

const backup = (page: Page) => page.getByRole('region', { name: 'Cadangan' });

/** Without a network: the beginning of a visit. */
async function beginOffline(rina: Surveyor): Promise<void> {
  await rina.page.context().setOffline(true);
  await rina.openVisit(BONTANG);
  await rina.openSection('Unit & tempat');
  await rina.choose('Jenis unit', 'Dinas Sosial');
  await rina.toOverview();
}

/** Without a network: half a visit with a photo, a whole interview, and one that is half-way. */
async function fillOffline(rina: Surveyor): Promise<void> {
  await beginOffline(rina);
  await rina.openSection('Sarana');
  await rina.takePhoto('Foto sarana', picture(5));
  await rina.toOverview();
  await rina.interview(BONTANG);
  await rina.newInterview(BONTANG);
  await rina.agrees();
}

/** Saves a backup as a person does, and gives where the file is. */
async function saved(rina: Surveyor, server: Server, path: string): Promise<string> {
  await rina.page.goto(`${server.url}/setup`);
  const file = rina.page.waitForEvent('download');
  await rina.page.getByRole('button', { name: 'Simpan cadangan' }).click();
  await expect(backup(rina.page)).toContainText(/Berkas dibuat: \d+ perubahan, \d foto\./);
  await expect(backup(rina.page)).toContainText('Terakhir disimpan');
  await (await file).saveAs(path);
  return path;
}

/** Loses the phone's data, as a browser that clears a site does. */
async function wipe(page: Page, server: Server): Promise<void> {
  const line = await page.context().newCDPSession(page);
  await line.send('Storage.clearDataForOrigin', { origin: server.url, storageTypes: 'all' });
  await page.context().close();
}

async function takeIn(page: Page, server: Server, path: string): Promise<void> {
  await page.goto(`${server.url}/setup`);
  await page.getByLabel('Ambil berkas cadangan').setInputFiles(path);
}

test('a backup saved without a network, and the storage lost: the server takes it in, and a colleague sees all', async ({ browser, server }, info) => {
  test.slow();
  const rina = await Surveyor.enrol(await (await phone(browser)).newPage(), server, 'Rina');
  await rina.readyForOffline();
  await fillOffline(rina);
  const path = await saved(rina, server, info.outputPath('rina.cbor'));
  await wipe(rina.page, server);

  const said = await server.loket('import', path);
  expect(said).toMatch(/^changes: [1-9]\d* stored, 0 were here\nphotos: 1 stored, 0 were here\nrefused: 0/);
  expect(await server.loket('import', path)).toMatch(/^changes: 0 stored, [1-9]\d* were here\nphotos: 0 stored, 1 were here/);

  const sari = await Surveyor.enrol(await (await phone(browser)).newPage(), server, 'Sari');
  await sari.sendNow();
  await sari.openVisit(BONTANG);
  await sari.openSection('Unit & tempat');
  await sari.chosen('Jenis unit', 'Dinas Sosial');
  await sari.toOverview();
  await sari.openSection('Sarana');
  await expect(sari.question('Foto sarana').getByRole('img')).toBeVisible();
  const coordinator = await Coordinator.of(server);
  await expect.poll(() => coordinator.unit(BONTANG)).toMatchObject({ visits_open: 1, interviews: 1, clashes: 0 });
});

test("a colleague's phone takes a backup in, shows it at once, and hands it in for its writer", async ({ browser, server }, info) => {
  test.slow();
  const rina = await Surveyor.enrol(await (await phone(browser)).newPage(), server, 'Rina');
  const sari = await Surveyor.enrol(await (await phone(browser)).newPage(), server, 'Sari');
  await rina.readyForOffline();
  await sari.readyForOffline();
  await fillOffline(rina);
  const path = await saved(rina, server, info.outputPath('rina.cbor'));
  await wipe(rina.page, server);

  await test.step('a file cut off on its way is refused in plain words', async () => {
    const { readFile } = await import('node:fs/promises');
    const cut = info.outputPath('cut.cbor');
    await writeFile(cut, (await readFile(path)).subarray(0, 700));
    await takeIn(sari.page, server, cut);
    await expect(backup(sari.page)).toContainText('Akhir berkas ini hilang.');
    await writeFile(cut, 'name,score\n');
    await takeIn(sari.page, server, cut);
    await expect(backup(sari.page)).toContainText('Ini bukan berkas cadangan Loket.');
  });

  await test.step('without a network it is taken in all the same, once', async () => {
    await server.stop();
    await takeIn(sari.page, server, path);
    await expect(backup(sari.page)).toContainText(/Masuk: [1-9]\d* perubahan baru dan 1 foto\. Sudah ada: 0\./);
    await takeIn(sari.page, server, path);
    await expect(backup(sari.page)).toContainText(/Masuk: 0 perubahan baru dan 0 foto\. Sudah ada: [1-9]/);
    await sari.openVisit(BONTANG);
    await sari.openSection('Unit & tempat');
    await sari.chosen('Jenis unit', 'Dinas Sosial');
    await sari.openApp();
    await sari.openSync();
    await expect(sari.figure('Menunggu')).not.toHaveText('0');
  });

  await test.step('and all of it reaches the server', async () => {
    await server.start();
    await sari.sendNow();
    await expect(sari.figure('Menunggu')).toHaveText('0');
    const coordinator = await Coordinator.of(server);
    await expect.poll(() => coordinator.unit(BONTANG)).toMatchObject({ visits_open: 1, interviews: 1, clashes: 0 });
    expect(await server.loket('import', path)).toMatch(/^changes: 0 stored, [1-9]\d* were here\nphotos: 0 stored, 1 were here/);
    expect(await server.loket('verify')).toContain('0 faults');
  });
});

test('what the server refuses of a backup is seen, saved, dropped, taken in again, and sent once its writer is let in', async ({ browser, server }, info) => {
  test.slow();
  const rina = await Surveyor.enrol(await (await phone(browser)).newPage(), server, 'Rina');
  const sari = await Surveyor.enrol(await (await phone(browser)).newPage(), server, 'Sari');
  const coordinator = await Coordinator.of(server);
  await rina.readyForOffline();
  await beginOffline(rina);
  await rina.interview(BONTANG);
  const path = await saved(rina, server, info.outputPath('rina.cbor'));
  const device = await rina.page.getByText(/^[0-9a-f]{32}$/).innerText();
  await server.loket('device', 'revoke', device);
  const refused = sari.page.locator('.card').filter({ hasText: 'Dari cadangan Rina' });
  const sees = async () => {
    await sari.openApp();
    await sari.openSync();
    await sari.page.getByRole('button', { name: 'Kirim sekarang' }).click();
    await expect(refused).toContainText('Perangkat yang menulisnya tidak berhak mengubah catatan ini.');
    await expect(refused).toContainText(BONTANG.unit);
    await expect(refused).toContainText(/Dari cadangan Rina: [1-9]\d* perubahan/);
    await expect(sari.figure('Ditolak')).not.toHaveText('0');
    await expect(sari.figure('Menunggu')).toHaveText('0');
  };

  await takeIn(sari.page, server, path);
  await expect(backup(sari.page)).toContainText(/Masuk: [1-9]\d* perubahan baru/);
  await sees();
  await expect(sari.page.locator('a.chip')).toHaveText('Ditolak');
  const copy = info.outputPath('copy.cbor');
  await test.step('the visit says so, and shows the answers', async () => {
    await sari.openUnit(BONTANG);
    await expect(sari.page.getByRole('region', { name: 'Kunjungan' })).toContainText('Ditolak server, lihat Kiriman');
    await sari.openVisit(BONTANG);
    await sari.openSection('Unit & tempat');
    await sari.chosen('Jenis unit', 'Dinas Sosial');
    await sari.toOverview();
    await sari.openSync();
  });
  await test.step('it is saved, and dropped after asking', async () => {
    const download = sari.page.waitForEvent('download');
    await refused.getByRole('button', { name: 'Simpan salinan' }).click();
    await (await download).saveAs(copy);
    await refused.getByRole('button', { name: 'Buang' }).click();
    await expect(refused).toContainText('Buang perubahan ini dari perangkat?');
    await refused.getByRole('button', { name: 'Buang' }).click();
    await expect(refused).toBeHidden();
    await expect(sari.figure('Ditolak')).toHaveText('0');
    await sari.openUnit(BONTANG);
    await expect(sari.page.getByText('Ditolak server, lihat Kiriman')).toHaveCount(0);
  });
  await test.step('the copy is taken in again, and sent once Rina is let in', async () => {
    await takeIn(sari.page, server, copy);
    await expect(backup(sari.page)).toContainText(/Masuk: [1-9]\d* perubahan baru/);
    await sees();
    await rina.page.context().setOffline(false);
    await rina.page.goto(`${server.url}/enrol?code=${await server.code({ role: 'surveyor' })}`);
    await rina.page.getByLabel('Nama Anda').fill('Rina');
    await rina.page.getByRole('button', { name: 'Hubungkan' }).click();
    await rina.seesUnits();
    await rina.page.context().setOffline(true);
    await sari.page.getByRole('button', { name: 'Kirim lagi yang ditolak' }).click();
    await expect(refused).toBeHidden();
    await expect(sari.figure('Ditolak')).toHaveText('0');
    await expect(sari.figure('Menunggu')).toHaveText('0');
    await expect.poll(() => coordinator.unit(BONTANG)).toMatchObject({ visits_open: 1, interviews: 1 });
  });
});
