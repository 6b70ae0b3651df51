// Two phones fill one visit without a network; then both have all of it, and differing answers are chosen once.
import { cp, rm } from 'node:fs/promises';
import { type Browser } from '@playwright/test';
import { Coordinator } from '../support/coordinator';
import type { Server } from '../support/server';
import { BONTANG, phone, picture, Surveyor } from '../support/surveyor';
import { expect, test } from '../support/walk';

const FINDING = 'Temuan penting';
const RINA_FOUND = 'Loket tutup sebelum waktunya';
const BUDI_FOUND = 'Loket buka sampai sore';

/** Two phones of one team, both connected, with the unit's visit open on both and in step. */
async function twoPhones(browser: Browser, server: Server) {
  const rina = await Surveyor.enrol(await (await phone(browser)).newPage(), server, 'Rina');
  const budi = await Surveyor.enrol(await (await phone(browser)).newPage(), server, 'Budi');
  for (const surveyor of [rina, budi]) {
    await surveyor.readyForOffline();
    await surveyor.openVisit(BONTANG);
    await surveyor.sendNow();
  }
  return { rina, budi };
}

async function fillRina(rina: Surveyor): Promise<void> {
  await rina.openVisit(BONTANG);
  await rina.openSection('Unit & tempat');
  await rina.choose('Jenis unit', 'Dinas Sosial');
  await rina.write('Tanggal kunjungan', '2026-03-02');
  await rina.toOverview();
  await rina.openSection('Standar pelayanan');
  const row = await rina.addRow('Produk');
  await rina.write('Nama produk', 'Santunan lansia', row);
  await rina.toOverview();
  await rina.openSection('Penutup');
  await rina.write(FINDING, RINA_FOUND);
  await rina.toOverview();
}

async function fillBudi(budi: Surveyor): Promise<void> {
  await budi.openVisit(BONTANG);
  await budi.openSection('Sarana');
  await budi.choose('Sarana yang ada', 'Toilet pengguna');
  await budi.choose('Sarana yang ada', 'Tempat parkir');
  await budi.write('Orang yang sedang menunggu', '9');
  await budi.toOverview();
  await budi.openSection('Standar pelayanan');
  const row = await budi.addRow('Produk');
  await budi.write('Nama produk', 'Rekomendasi panti', row);
  await budi.toOverview();
  await budi.openSection('Penutup');
  await budi.write(FINDING, BUDI_FOUND);
  await budi.toOverview();
}

/** Everything that the two filled, save what they differ on, is on this phone. */
async function hasAll(surveyor: Surveyor): Promise<void> {
  await surveyor.openVisit(BONTANG);
  await surveyor.openSection('Unit & tempat');
  await surveyor.chosen('Jenis unit', 'Dinas Sosial');
  await surveyor.reads('Tanggal kunjungan', '2026-03-02');
  await surveyor.toOverview();
  await surveyor.openSection('Sarana');
  await surveyor.chosen('Sarana yang ada', 'Toilet pengguna');
  await surveyor.chosen('Sarana yang ada', 'Tempat parkir');
  await surveyor.reads('Orang yang sedang menunggu', '9');
  await surveyor.toOverview();
  await surveyor.openSection('Standar pelayanan');
  await expect(surveyor.group('Produk').locator('details')).toHaveCount(2);
  for (const product of ['Santunan lansia', 'Rekomendasi panti']) {
    await surveyor.reads('Nama produk', product, await surveyor.openRow(product));
  }
  await surveyor.toOverview();
}

/** The clash is shown on its question, with both values, who wrote them and when. */
async function seesClash(surveyor: Surveyor, names: { ofRina: string; ofBudi: string }): Promise<void> {
  await surveyor.openVisit(BONTANG);
  await expect(surveyor.page.getByText('1 jawaban berbeda perlu dipilih')).toBeVisible();
  await expect(surveyor.section('Penutup')).toContainText('1 jawaban berbeda');
  await surveyor.openSection('Penutup');
  const clash = surveyor.question(FINDING).getByRole('group', { name: 'Dua jawaban berbeda' });
  await expect(clash).toBeVisible();
  await expect(clash.locator('.option')).toHaveCount(2);
  const when = String.raw`, \d{1,2} \w+ \d{4},? (pukul )?\d{2}\.\d{2}`;
  await expect(clash.locator('.option', { hasText: RINA_FOUND })).toContainText(new RegExp(names.ofRina + when));
  await expect(clash.locator('.option', { hasText: BUDI_FOUND })).toContainText(new RegExp(names.ofBudi + when));
}

async function settle(surveyor: Surveyor, value: string): Promise<void> {
  await surveyor.question(FINDING).getByRole('button', { name: `Pakai jawaban ini: ${value}` }).click();
  await isSettled(surveyor, value);
}

/** On the page that asks it, the question has this one value. */
async function isSettled(surveyor: Surveyor, value: string): Promise<void> {
  await expect(surveyor.question(FINDING).getByRole('group', { name: 'Dua jawaban berbeda' })).toBeHidden();
  await surveyor.reads(FINDING, value);
}

test('both phones end up with every answer of both, and choosing one of two values settles it on both', async ({ browser, server }) => {
  test.slow();
  const { rina, budi } = await twoPhones(browser, server);
  const coordinator = await Coordinator.of(server);
  for (const surveyor of [rina, budi]) await surveyor.page.context().setOffline(true);
  await fillRina(rina);
  await fillBudi(budi);
  for (const surveyor of [rina, budi]) await surveyor.page.context().setOffline(false);
  await rina.sendNow();
  await budi.sendNow();
  await rina.sendNow();
  await hasAll(rina);
  await hasAll(budi);
  await expect.poll(() => coordinator.unit(BONTANG)).toMatchObject({ visits_open: 1, clashes: 1 });

  await seesClash(rina, { ofRina: 'Anda', ofBudi: 'Budi' });
  await seesClash(budi, { ofRina: 'Rina', ofBudi: 'Anda' });
  await settle(budi, RINA_FOUND);
  await budi.toOverview();
  await budi.sendNow();
  await rina.toOverview();
  await rina.sendNow();
  await rina.openVisit(BONTANG);
  await expect(rina.page.getByText('1 jawaban berbeda perlu dipilih')).toBeHidden();
  await rina.openSection('Penutup');
  await isSettled(rina, RINA_FOUND);
  await expect.poll(() => coordinator.unit(BONTANG)).toMatchObject({ visits_open: 1, clashes: 0 });
});

test('answers sound on each phone that break a rule together are a task on both and at the desk, until they are mended', async ({ browser, server }) => {
  test.slow();
  const CAME = 'Pengaduan masuk, 12 bulan terakhir';
  const SETTLED = 'Di antaranya selesai';
  const { rina, budi } = await twoPhones(browser, server);
  const coordinator = await Coordinator.of(server);
  const writes = async (surveyor: Surveyor, question: string, text: string) => {
    await surveyor.openVisit(BONTANG);
    await surveyor.openSection('Pengaduan');
    await surveyor.write(question, text);
    await surveyor.toOverview();
  };
  /** The unit's line in the list of units. */
  const line = async (surveyor: Surveyor) => {
    await surveyor.page.getByRole('link', { name: 'Loket', exact: true }).click();
    return surveyor.page.getByRole('listitem').filter({ hasText: BONTANG.unit });
  };
  await writes(rina, CAME, '10');
  await writes(rina, SETTLED, '4');
  await rina.sendNow();
  await budi.sendNow();
  for (const surveyor of [rina, budi]) await surveyor.page.context().setOffline(true);
  await writes(rina, CAME, '5');
  await writes(budi, SETTLED, '8');
  for (const surveyor of [rina, budi]) {
    await expect(await line(surveyor)).not.toContainText('perlu diperiksa');
    await surveyor.page.context().setOffline(false);
  }
  await rina.sendNow();
  await budi.sendNow();
  await rina.sendNow();
  await expect.poll(() => coordinator.unit(BONTANG)).toMatchObject({ clashes: 0, unsound: 1 });

  for (const surveyor of [rina, budi]) {
    await expect(await line(surveyor)).toContainText('1 perlu diperiksa');
    await surveyor.openUnit(BONTANG);
    await expect(surveyor.page.getByText('1 jawaban tidak cocok atau belum diisi. Buka kunjungan dan periksa.')).toBeVisible();
    await surveyor.openVisit(BONTANG);
    await expect(surveyor.section('Pengaduan')).toContainText('1 perlu diperiksa');
    await surveyor.openSection('Pengaduan');
    await expect(surveyor.question(SETTLED)).toContainText('Tidak boleh lebih dari yang masuk.');
  }
  await budi.write(SETTLED, '5');
  await budi.toOverview();
  await expect(await line(budi)).not.toContainText('perlu diperiksa');
  await budi.sendNow();
  await rina.toOverview();
  await rina.sendNow();
  await expect(await line(rina)).not.toContainText('perlu diperiksa');
  await expect.poll(() => coordinator.unit(BONTANG)).toMatchObject({ unsound: 0 });
});

test('a server killed and started again in between changes nothing of it', async ({ browser, server }) => {
  test.slow();
  const { rina, budi } = await twoPhones(browser, server);
  await server.kill();
  await fillRina(rina);
  await fillBudi(budi);
  await server.start();
  await rina.sendNow();
  await server.kill();
  await server.start();
  await budi.sendNow();
  await server.kill();
  await server.start();
  await rina.sendNow();
  await hasAll(rina);
  await hasAll(budi);
  await seesClash(budi, { ofRina: 'Rina', ofBudi: 'Anda' });
  await server.kill();
  await seesClash(rina, { ofRina: 'Anda', ofBudi: 'Budi' });
  await settle(rina, BUDI_FOUND);
  await rina.toOverview();
  await server.start();
  await rina.sendNow();
  await server.kill();
  await server.start();
  await budi.toOverview();
  await budi.sendNow();
  await budi.openVisit(BONTANG);
  await budi.openSection('Penutup');
  await isSettled(budi, BUDI_FOUND);
});

test('a server restored from an earlier copy gets everything again, and no phone loses anything', async ({ browser, server }) => {
  test.slow();
  const { rina, budi } = await twoPhones(browser, server);
  await fillRina(rina);
  await rina.sendNow();
  const copy = `${server.data}-copy`;
  await server.stop();
  await cp(server.data, copy, { recursive: true });
  await server.start();

  await test.step('after the copy both work on, and the server has it', async () => {
    await budi.sendNow();
    await budi.openVisit(BONTANG);
    await budi.openSection('Penutup');
    await budi.reads(FINDING, RINA_FOUND);
    await budi.toOverview();
    await fillBudi(budi);
    await budi.openSection('Sarana');
    await budi.takePhoto('Foto sarana', picture(4));
    await budi.toOverview();
    await budi.sendNow();
    await rina.openVisit(BONTANG);
    await rina.openSection('Pengelolaan');
    await rina.choose('Keadaannya', 'Tidak pernah', rina.group('Pengawasan internal'));
    await rina.toOverview();
    await rina.sendNow();
  });

  await server.stop();
  await rm(server.data, { recursive: true });
  await cp(copy, server.data, { recursive: true });
  await rm(copy, { recursive: true });
  await server.start();
  await test.step("what Rina wrote on top of Budi's waits until his phone is back, and is not refused", async () => {
    await rina.startSending();
    await expect(rina.figure('Menunggu')).not.toHaveText('0', { timeout: 30_000 });
    await expect(rina.figure('Ditolak')).toHaveText('0');
    await budi.startSending();
    await budi.sendNow();
    await rina.sendNow();
    for (const surveyor of [rina, budi]) await expect(surveyor.figure('Ditolak')).toHaveText('0');
  });

  const third = await Surveyor.enrol(await (await phone(browser)).newPage(), server, 'Tono');
  await expect(third.page.getByRole('listitem').filter({ hasText: BONTANG.unit })).toContainText('Kunjungan dibuka');
  await third.openVisit(BONTANG);
  await expect(async () => {
    await asks(third);
    for (const section of ['Pengelolaan', 'Penutup']) {
      await expect(third.section(section)).toContainText('1 dari', { timeout: 1000 });
    }
  }).toPass({ timeout: 30_000 });
  for (const surveyor of [rina, budi, third]) {
    await hasAll(surveyor);
    await surveyor.openSection('Penutup');
    await isSettled(surveyor, BUDI_FOUND);
    await surveyor.toOverview();
    await surveyor.openSection('Pengelolaan');
    await surveyor.chosen('Keadaannya', 'Tidak pernah', surveyor.group('Pengawasan internal'));
    await surveyor.toOverview();
    await surveyor.openSection('Sarana');
    await expect(surveyor.question('Foto sarana').getByRole('img')).toBeVisible();
    await surveyor.toOverview();
  }
});

test('a row removed on one phone and changed on the other is shown as a clash, and kept where someone says so', async ({ browser, server }) => {
  test.slow();
  const { rina, budi } = await twoPhones(browser, server);
  await rina.openVisit(BONTANG);
  await rina.openSection('Standar pelayanan');
  await rina.write('Nama produk', 'Santunan lansia', await rina.addRow('Produk'));
  await rina.toOverview();
  await rina.sendNow();
  await budi.sendNow();
  await budi.openVisit(BONTANG);
  await budi.openSection('Standar pelayanan');
  const row = await budi.openRow('Santunan lansia');
  for (const surveyor of [rina, budi]) await surveyor.page.context().setOffline(true);

  await budi.choose('Jenis produk', 'Jasa (misalnya pemeriksaan)', row);
  await budi.toOverview();
  await rina.openVisit(BONTANG);
  await rina.openSection('Standar pelayanan');
  const removed = await rina.openRow('Santunan lansia');
  await removed.getByRole('button', { name: 'Hapus Produk 1' }).click();
  await removed.getByRole('button', { name: 'Ya, hapus' }).click();
  await expect(rina.group('Produk').getByText('Belum ada.')).toBeVisible();
  await rina.toOverview();
  for (const surveyor of [rina, budi]) await surveyor.page.context().setOffline(false);
  await rina.sendNow();
  await budi.sendNow();
  await rina.sendNow();

  const dispute = 'Bagian ini dihapus di satu perangkat dan diubah di perangkat lain.';
  for (const surveyor of [budi, rina]) {
    await surveyor.openVisit(BONTANG);
    await expect(surveyor.page.getByText('1 jawaban berbeda perlu dipilih')).toBeVisible();
    await surveyor.openSection('Standar pelayanan');
    await expect(surveyor.page.getByText(dispute)).toBeVisible();
  }
  await rina.page.getByRole('button', { name: 'Pertahankan' }).click();
  await expect(rina.page.getByText(dispute)).toBeHidden();
  await rina.chosen('Jenis produk', 'Jasa (misalnya pemeriksaan)', await rina.openRow('Santunan lansia'));
  await rina.toOverview();
  await rina.sendNow();
  await asks(budi);
  await expect(budi.page.getByText(dispute)).toBeHidden();
  await budi.chosen('Jenis produk', 'Jasa (misalnya pemeriksaan)', await budi.openRow('Santunan lansia'));
});

test('what comes in from a colleague leaves the field being typed in, and the open row, as they are', async ({ browser, server }) => {
  test.slow();
  const { rina, budi } = await twoPhones(browser, server);
  await rina.openVisit(BONTANG);
  await rina.openSection('Standar pelayanan');
  await rina.write('Nama produk', 'Kartu lama', await rina.addRow('Produk'));
  await rina.write('Nama produk', 'Santunan', await rina.addRow('Produk'));
  await rina.toOverview();
  await rina.sendNow();
  await rina.openVisit(BONTANG);
  await rina.openSection('Standar pelayanan');
  const field = rina.field('Nama produk', await rina.openRow('Santunan'));
  await field.click();
  await field.press('End');

  await test.step('a colleague adds a row', async () => {
    await budi.sendNow();
    await budi.openVisit(BONTANG);
    await budi.openSection('Standar pelayanan');
    await expect(budi.group('Produk').locator('details')).toHaveCount(2);
    await budi.write('Nama produk', 'Rekomendasi panti', await budi.addRow('Produk'));
    await budi.toOverview();
    await budi.sendNow();
    await asks(rina);
    await expect(rina.page.locator('summary', { hasText: 'Rekomendasi panti' })).toBeVisible();
    await expect(field).toBeFocused();
    await rina.page.keyboard.type(' lansia');
    await expect(field).toHaveValue('Santunan lansia');
  });
  await test.step('a colleague removes the row before it', async () => {
    await budi.openVisit(BONTANG);
    await budi.openSection('Standar pelayanan');
    const old = await budi.openRow('Kartu lama');
    await old.getByRole('button', { name: 'Hapus Produk 1' }).click();
    await old.getByRole('button', { name: 'Ya, hapus' }).click();
    await expect(budi.group('Produk').locator('details')).toHaveCount(2);
    await budi.toOverview();
    await budi.sendNow();
    await asks(rina);
    await expect(rina.page.locator('summary', { hasText: 'Kartu lama' })).toHaveCount(0);
    await expect(field).toBeFocused();
    await rina.page.keyboard.type(' terlantar');
    await expect(field).toHaveValue('Santunan lansia terlantar');
    await rina.saved();
  });
});

/** A look at another app and back makes the phone ask the server. */
async function asks(surveyor: Surveyor): Promise<void> {
  await surveyor.page.evaluate(() => document.dispatchEvent(new Event('visibilitychange')));
}
