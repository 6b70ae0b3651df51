// After one visit with the network, everything works without it, and arrives once it is back.
import { OwnBrowser } from '../support/browser';
import { Coordinator } from '../support/coordinator';
import { BONTANG, PANGKALPINANG, phone, phonePage, picture, Surveyor, SURVEYOR } from '../support/surveyor';
import { expect, test } from '../support/walk';

test.use(SURVEYOR);

test('with the server stopped and the browser started again all works, and all arrives once it is back', async ({ browser, server }) => {
  test.slow();
  const own = await OwnBrowser.create();
  try {
    let rina = await Surveyor.enrol(await phonePage(await own.start()), server, 'Rina');
    await rina.readyForOffline();
    await server.stop();
    await own.close();

    rina = new Surveyor(await phonePage(await own.start()), server);
    await test.step('the phone knows who it is and its units, and says plainly how it stands', async () => {
      await rina.openApp();
      await expect(rina.page.getByRole('listitem')).toHaveCount(15);
      await expect(rina.page.locator('a.chip')).toHaveText('Server belum terjangkau');
    });
    await test.step('a visit', async () => {
      await rina.openVisit(BONTANG);
      await rina.openSection('Unit & tempat');
      await rina.choose('Jenis unit', 'Dinas Sosial');
      await rina.write('Tanggal kunjungan', '2026-03-02');
      await rina.toOverview();
      await rina.openSection('Standar pelayanan');
      const row = await rina.addRow('Produk');
      await rina.write('Nama produk', 'Santunan lansia', row);
      const requirements = rina.group('1. Persyaratan', row);
      await rina.choose('Di loket', 'Ada, lengkap, mudah dibaca', requirements);
      await rina.takePhoto('Foto di loket', picture(2), requirements);
      await rina.toOverview();
    });
    await test.step('an interview', async () => {
      await rina.interview(BONTANG);
      await expect(rina.page.getByRole('main').getByRole('listitem')).toContainText('Wawancara 1');
      await expect(rina.page.getByRole('main').getByRole('listitem')).toContainText('menunggu dikirim');
    });
    await rina.openSync();
    await expect(rina.page.getByRole('main').getByText('Server belum terjangkau')).toBeVisible();
    await expect(rina.page.getByText('Kami mencoba lagi sendiri. Tidak ada yang hilang.')).toBeVisible();

    await own.close();
    rina = new Surveyor(await phonePage(await own.start()), server);
    await rina.openApp();
    await rina.openVisit(BONTANG);
    await rina.openSection('Standar pelayanan');
    const kept = await rina.openRow('Santunan lansia');
    await expect(rina.question('Foto di loket', rina.group('1. Persyaratan', kept)).getByRole('img')).toBeVisible();
    await rina.toOverview();

    await server.start();
    await rina.sendNow();
    const coordinator = await Coordinator.of(server);
    await expect.poll(() => coordinator.unit(BONTANG)).toMatchObject({ visits_open: 1, interviews: 1, clashes: 0 });
  } finally {
    await own.discard();
  }

  await test.step('another phone of the team has it all, the photo too', async () => {
    const context = await phone(browser);
    const budi = await Surveyor.enrol(await context.newPage(), server, 'Budi');
    const unit = budi.page.getByRole('listitem').filter({ hasText: BONTANG.unit });
    await expect(unit).toContainText('Kunjungan dibuka');
    await expect(unit).toContainText('1 wawancara');
    await budi.openVisit(BONTANG);
    await budi.openSection('Unit & tempat');
    await budi.chosen('Jenis unit', 'Dinas Sosial');
    await budi.reads('Tanggal kunjungan', '2026-03-02');
    await budi.toOverview();
    await budi.openSection('Standar pelayanan');
    const row = await budi.openRow('Santunan lansia');
    await expect(budi.question('Foto di loket', budi.group('1. Persyaratan', row)).getByRole('img')).toBeVisible();
    await context.close();
  });
});

test('without a network the phone says so, and sends by itself when the network is back', async ({ page, context, server }) => {
  const rina = await Surveyor.enrol(page, server, 'Rina');
  await rina.readyForOffline();
  await context.setOffline(true);
  await expect(page.locator('a.chip')).toHaveText('Tidak ada jaringan');
  await page.reload();
  await rina.seesUnits();
  await expect(page.locator('a.chip')).toHaveText('Tidak ada jaringan');
  await rina.openVisit(PANGKALPINANG);
  await rina.openSection('Unit & tempat');
  await rina.choose('Jenis unit', 'Dinas Kesehatan');
  await rina.toOverview();
  await expect(page.locator('.form-head')).toContainText('menunggu dikirim');
  await context.setOffline(false);
  await expect(page.locator('a.chip')).toHaveText('Semua terkirim');
  await expect(page.locator('.form-head')).toContainText('Di server');
  const coordinator = await Coordinator.of(server);
  await expect.poll(() => coordinator.unit(PANGKALPINANG)).toMatchObject({ visits_open: 1 });
});

test('a phone that was never connected says that it needs the network once', async ({ page, context, server }) => {
  const code = await server.code({ role: 'surveyor' });
  await page.goto(server.url);
  await page.getByLabel('Kode').fill(code);
  await page.getByLabel('Nama Anda').fill('Rina');
  await context.setOffline(true);
  await page.getByRole('button', { name: 'Hubungkan' }).click();
  await expect(page.getByRole('alert')).toHaveText('Tidak ada jaringan. Sambungkan ke internet, lalu coba lagi.');
  await context.setOffline(false);
  await page.getByRole('button', { name: 'Hubungkan' }).click();
  await new Surveyor(page, server).seesUnits();
});
