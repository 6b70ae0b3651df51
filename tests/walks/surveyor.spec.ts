// A surveyor's visit: connecting the phone, finding the unit, filling in any order, leaving and coming back.
import { OwnBrowser } from '../support/browser';
import { BONTANG, PANGKALPINANG, phonePage, picture, Surveyor, SURVEYOR } from '../support/surveyor';
import { expect, test } from '../support/walk';

test.use(SURVEYOR);

test('a phone is connected with a code, and a code that was used is not taken twice', async ({ page, browser, server }) => {
  const code = await server.code({ role: 'surveyor' });
  await page.goto(server.url);
  await page.getByRole('button', { name: 'Hubungkan' }).click();
  await expect(page.getByRole('alert')).toHaveText('Tulis kodenya dahulu.');
  await page.getByLabel('Kode').fill(code.toLowerCase());
  await page.getByRole('button', { name: 'Hubungkan' }).click();
  await expect(page.getByRole('alert')).toHaveText('Tulis nama Anda dahulu.');
  await page.getByLabel('Nama Anda').fill('Rina');
  await page.getByRole('button', { name: 'Hubungkan' }).click();
  await new Surveyor(page, server).seesUnits();

  const second = await browser.newContext(SURVEYOR);
  const other = await second.newPage();
  await other.goto(server.url);
  await other.getByLabel('Kode').fill(code);
  await other.getByLabel('Nama Anda').fill('Budi');
  await other.getByRole('button', { name: 'Hubungkan' }).click();
  await expect(other.getByRole('alert')).toHaveText('Kode ini tidak berlaku atau sudah dipakai. Minta kode baru kepada koordinator.');
  await second.close();
});

test('the app speaks Indonesian until another language is chosen, and then keeps to it', async ({ browser, server }) => {
  const english = await browser.newContext({ ...SURVEYOR, locale: 'en-GB' });
  const page = await english.newPage();
  await page.goto(server.url);
  await expect(page.getByRole('heading', { level: 1 })).toHaveText('Hubungkan perangkat ini');
  await page.getByRole('radio', { name: 'English' }).check();
  await expect(page.getByRole('heading', { level: 1 })).toHaveText('Connect this device');
  await page.reload();
  await expect(page.getByRole('heading', { level: 1 })).toHaveText('Connect this device');
  await expect(page.locator('html')).toHaveAttribute('lang', 'en');
  await english.close();
});

test('the address in the QR picture fills in the code', async ({ page, server }) => {
  const code = await server.code({ role: 'surveyor' });
  await page.goto(`${server.url}/enrol?code=${code}`);
  await expect(page.getByLabel('Kode')).toHaveValue(code);
  await page.getByLabel('Nama Anda').fill('Rina');
  await page.getByRole('button', { name: 'Hubungkan' }).click();
  const rina = new Surveyor(page, server);
  await rina.seesUnits();
  await page.getByRole('link', { name: 'Pengaturan' }).click();
  await expect(page.getByText('Rina', { exact: true })).toBeVisible();
  await expect(page.getByText('Asesor', { exact: true })).toBeVisible();
});

test('the units of the team stand under their governments and are found by typing', async ({ page, server }) => {
  await Surveyor.enrol(page, server, 'Rina');
  const governments = page.getByRole('heading', { level: 2 });
  await expect(governments).toHaveText(['Kota Balikpapan', 'Kota Bontang', 'Kota Pangkalpinang']);
  await expect(page.getByRole('listitem')).toHaveCount(15);
  const search = page.getByRole('searchbox', { name: 'Cari unit' });
  await search.fill('sosial bontang');
  await expect(governments).toHaveText(['Kota Bontang']);
  await expect(page.getByRole('listitem')).toHaveCount(1);
  await search.fill('tidak ada yang begini');
  await expect(page.getByText('Tidak ada unit yang cocok.')).toBeVisible();
  await search.fill('');
  await expect(page.getByRole('listitem')).toHaveCount(15);
});

test('a visit filled in any order is all there after the browser was closed half-way', async ({ server }) => {
  test.slow();
  const browser = await OwnBrowser.create();
  try {
    let rina = await Surveyor.enrol(await phonePage(await browser.start()), server, 'Rina');
    await rina.openVisit(BONTANG);
    await expect(rina.section('Unit & tempat')).toContainText('2 wajib belum diisi');

    await test.step('the last section first: text and a box to tick', async () => {
      await rina.openSection('Penutup');
      await rina.write('Temuan penting', 'Loket tutup pukul 11.00, "padahal" papan menulis 14.00.');
      await rina.choose('Isian ini sesuai dengan yang saya lihat dan dengar', 'Ya');
      await rina.toOverview();
      await expect(rina.section('Penutup')).toContainText('2 dari 3 terjawab');
    });
    await test.step('then facilities: several of a list, and whole numbers', async () => {
      await rina.openSection('Sarana');
      await rina.choose('Sarana yang ada', 'Ruang tunggu');
      await rina.choose('Sarana yang ada', 'Toilet pengguna');
      await rina.write('Jumlah kursi tunggu', '24');
      await rina.write('Orang yang sedang menunggu', 'banyak');
      await expect(rina.question('Orang yang sedang menunggu').getByRole('status')).toHaveText(/angka|bilangan/);
      await rina.write('Orang yang sedang menunggu', '31');
      await expect(rina.page.getByText('Lebih banyak orang (31) daripada kursi (24).')).toBeVisible();
      await rina.toOverview();
    });
    await test.step('then the unit: one of a list, a day, the place', async () => {
      await rina.openSection('Unit & tempat');
      await rina.choose('Jenis unit', 'Dinas Sosial');
      await rina.write('Tanggal kunjungan', '2026-03-02');
      await rina.choose('Jam datang', '10.00 - 12.00');
      await rina.page.getByRole('button', { name: 'Catat lokasi' }).click();
      await expect(rina.question('Titik lokasi')).toContainText('-2.129450, 106.113820');
      await rina.toOverview();
      await expect(rina.section('Unit & tempat')).not.toContainText('wajib');
    });
    await test.step('then a product: a row with answers and a photo', async () => {
      await rina.openSection('Standar pelayanan');
      await rina.showProduct('Surat keterangan domisili');
      await expect(rina.page.getByText('Surat keterangan domisili: 1 dari 6 komponen terlihat di loket')).toBeVisible();
      await rina.saved();
    });

    await browser.close();
    rina = new Surveyor(await phonePage(await browser.start()), server);
    await rina.openApp();
    await rina.openUnit(BONTANG);
    await expect(rina.page.getByRole('button', { name: 'Lanjutkan kunjungan' })).toBeVisible();
    await rina.openVisit(BONTANG);
    await expect(rina.section('Unit & tempat')).not.toContainText('wajib');
    await expect(rina.section('Penutup')).toContainText('2 dari 3 terjawab');
    await rina.openSection('Standar pelayanan');
    const row = await rina.openRow('Surat keterangan domisili');
    const requirements = rina.group('1. Persyaratan', row);
    await rina.chosen('Di loket', 'Ada, lengkap, mudah dibaca', requirements);
    await rina.chosen('Di situs / media sosial', 'Tidak ada', requirements);
    await expect(rina.question('Foto di loket', requirements).getByRole('img')).toBeVisible();
    await rina.toOverview();
    await rina.openSection('Unit & tempat');
    await rina.chosen('Jenis unit', 'Dinas Sosial');
    await rina.reads('Tanggal kunjungan', '2026-03-02');
    await rina.chosen('Jam datang', '10.00 - 12.00');
    await expect(rina.question('Titik lokasi')).toContainText('-2.129450, 106.113820');
    await rina.toOverview();
    await rina.openSection('Sarana');
    await rina.chosen('Sarana yang ada', 'Ruang tunggu');
    await rina.chosen('Sarana yang ada', 'Toilet pengguna');
    await rina.reads('Jumlah kursi tunggu', '24');
    await rina.reads('Orang yang sedang menunggu', '31');
    await rina.toOverview();
    await rina.openSection('Penutup');
    await rina.reads('Temuan penting', 'Loket tutup pukul 11.00, "padahal" papan menulis 14.00.');
    await rina.chosen('Isian ini sesuai dengan yang saya lihat dan dengar', 'Ya');
  } finally {
    await browser.discard();
  }
});

test('a record says where it is: here, waiting, on the server', async ({ page, server }) => {
  const rina = await Surveyor.enrol(page, server, 'Rina');
  await rina.readyForOffline();
  await rina.openVisit(PANGKALPINANG);
  const head = page.locator('.form-head');
  await expect(head.getByText('Di server', { exact: true })).toBeVisible();
  await server.stop();
  await rina.openSection('Unit & tempat');
  await rina.choose('Jenis unit', 'Dinas Kesehatan');
  await rina.saved();
  await expect(head.getByText('Di perangkat ini', { exact: true })).toBeVisible();
  await rina.toOverview();
  await expect(head.getByText('Di perangkat ini, menunggu dikirim')).toBeVisible();
  await rina.openUnit(PANGKALPINANG);
  await expect(page.getByRole('region', { name: 'Kunjungan' })).toContainText('menunggu dikirim');
  await server.start();
  await rina.sendNow();
  await rina.openUnit(PANGKALPINANG);
  await expect(page.getByRole('region', { name: 'Kunjungan' })).toContainText('Di server');
});

test('a finished visit says what is left, is closed all the same, and can be opened again', async ({ page, server }) => {
  const rina = await Surveyor.enrol(page, server, 'Rina');
  await rina.openVisit(PANGKALPINANG);
  await page.getByRole('button', { name: 'Selesaikan kunjungan' }).click();
  const left = page.getByRole('alert').filter({ hasText: 'Masih ada yang perlu diisi:' });
  await expect(left.getByRole('link')).toHaveText([
    'Jenis unit',
    'Tanggal kunjungan',
    'Isian ini sesuai dengan yang saya lihat dan dengar',
  ]);
  await left.getByRole('link', { name: 'Jenis unit' }).click();
  await expect(rina.question('Jenis unit').getByRole('status')).not.toBeEmpty();
  await rina.choose('Jenis unit', 'Dinas Kesehatan');
  await expect(rina.question('Jenis unit').getByRole('status')).toBeEmpty();
  await rina.toOverview();
  await page.getByRole('button', { name: 'Selesaikan kunjungan' }).click();
  await expect(left.getByRole('link')).toHaveCount(2);
  await page.getByRole('button', { name: 'Selesaikan walau belum lengkap' }).click();
  await page.getByRole('button', { name: 'Lihat kunjungan' }).click();
  await expect(page.getByText('Sudah selesai. Buka kembali untuk mengubah.')).toBeVisible();
  await rina.openSection('Unit & tempat');
  await expect(rina.question('Jenis unit').getByRole('combobox')).toBeDisabled();
  await rina.toOverview();
  await page.getByRole('button', { name: 'Buka kembali' }).click();
  await expect(page.getByRole('button', { name: 'Selesaikan kunjungan' })).toBeVisible();
  await rina.openSection('Unit & tempat');
  await expect(rina.question('Jenis unit').getByRole('combobox')).toBeEnabled();
});
