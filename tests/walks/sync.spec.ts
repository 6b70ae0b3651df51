// The sync report: what waits, what went, what was refused and why, in words.
import { readFile, rm, writeFile } from 'node:fs/promises';
import { Coordinator } from '../support/coordinator';
import { SAMPLE_UNITS } from '../support/server';
import { BONTANG, PANGKALPINANG, phone, picture, Surveyor, SURVEYOR } from '../support/surveyor';
import { expect, test } from '../support/walk';

test.use(SURVEYOR);

test('the report says what waits without a network, and what was sent once it is back', async ({ page, context, server }) => {
  const rina = await Surveyor.enrol(page, server, 'Rina');
  await rina.readyForOffline();
  await rina.sendNow();
  await expect(rina.figure('Terkirim')).toHaveText('0');
  await context.setOffline(true);

  await rina.openVisit(BONTANG);
  await rina.openSection('Sarana');
  await rina.write('Orang yang sedang menunggu', '4');
  await rina.takePhoto('Foto sarana', picture(5));
  await rina.toOverview();
  await rina.interview(PANGKALPINANG);

  await rina.openSync();
  const main = page.getByRole('main');
  await expect(main.getByText('Tidak ada jaringan')).toBeVisible();
  await expect(main.getByText('Jawaban aman di perangkat ini dan dikirim sendiri bila jaringan kembali.')).toBeVisible();
  await expect(rina.figure('Menunggu')).not.toHaveText('0');
  const waiting = main.getByRole('listitem');
  await expect(waiting.filter({ hasText: BONTANG.unit })).toContainText('Kunjungan');
  await expect(waiting.filter({ hasText: PANGKALPINANG.unit })).toContainText('Wawancara warga');
  await expect(waiting.filter({ hasText: PANGKALPINANG.unit })).toContainText('1 perubahan');
  await expect(waiting.filter({ hasText: '1 foto' })).toBeVisible();

  await context.setOffline(false);
  await expect(main.getByText('Semua terkirim')).toBeVisible();
  await expect(rina.figure('Menunggu')).toHaveText('0');
  await expect(rina.figure('Terkirim')).not.toHaveText('0');
  await expect(rina.figure('Ditolak')).toHaveText('0');
  await expect(waiting).toHaveCount(0);
  const coordinator = await Coordinator.of(server);
  await expect.poll(() => coordinator.unit(BONTANG)).toMatchObject({ visits_open: 1 });
  await expect.poll(() => coordinator.unit(PANGKALPINANG)).toMatchObject({ interviews: 1 });
});

test('a refused change is shown with its reason, saved as a file and dropped, while others go on', async ({ page, server }) => {
  const rina = await Surveyor.enrol(page, server, 'Rina');
  await rina.readyForOffline();
  await server.stop();
  await rina.interview(BONTANG);
  await rina.interview(PANGKALPINANG);

  // Meanwhile Bontang was given to another office, so the server knows no such record of this one.
  const list = `${server.data}-units.csv`;
  const [head, ...lines] = (await readFile(SAMPLE_UNITS, 'utf8')).trim().split('\n');
  const moved = lines.map((line) => `${line},${line.includes(BONTANG.government) ? 'kantor-pusat' : ''}`);
  await writeFile(list, [`${head},office`, ...moved].join('\n'));
  await server.loket('units', 'import', list);
  await rm(list);
  await server.start();

  await rina.openSync();
  await page.getByRole('button', { name: 'Kirim sekarang' }).click();
  const refused = page.locator('.card').filter({ hasText: 'Unit, putaran atau formulirnya tidak dikenal server.' });
  await expect(refused).toBeVisible();
  await expect(refused).toContainText(BONTANG.unit);
  await expect(page.getByRole('heading', { name: 'Ditolak server' })).toBeVisible();
  await expect(rina.figure('Ditolak')).toHaveText('1');
  await expect(rina.figure('Terkirim')).toHaveText('1');
  // It stays, since the unit may be given back.
  await expect(rina.figure('Menunggu')).toHaveText('1');
  const coordinator = await Coordinator.of(server);
  await expect.poll(() => coordinator.unit(PANGKALPINANG)).toMatchObject({ interviews: 1 });

  await test.step('the record says so too', async () => {
    await rina.openUnit(BONTANG);
    await expect(page.getByRole('main').getByRole('listitem')).toContainText('Ditolak server, lihat Kiriman');
    await rina.openSync();
  });
  await test.step('it is saved as a file', async () => {
    const download = page.waitForEvent('download');
    await refused.getByRole('button', { name: 'Simpan salinan' }).click();
    const file = await download;
    expect(file.suggestedFilename()).toMatch(/^loket-[0-9a-f]+\.automerge$/);
    expect((await readFile(await file.path())).length).toBeGreaterThan(50);
  });
  await test.step('it is offered again, and refused again', async () => {
    const answered = page.waitForResponse((answer) => answer.url().endsWith('/push'));
    await page.getByRole('button', { name: 'Kirim lagi yang ditolak' }).click();
    await answered;
    await expect(refused).toBeVisible();
    await expect(rina.figure('Ditolak')).toHaveText('1');
  });
  await test.step('it is dropped only after asking', async () => {
    await refused.getByRole('button', { name: 'Buang' }).click();
    await expect(refused).toContainText('Buang perubahan ini dari perangkat?');
    await refused.getByRole('button', { name: 'Tidak, simpan' }).click();
    await expect(rina.figure('Ditolak')).toHaveText('1');
    await refused.getByRole('button', { name: 'Buang' }).click();
    await refused.getByRole('button', { name: 'Buang' }).click();
    await expect(refused).toBeHidden();
    await expect(rina.figure('Ditolak')).toHaveText('0');
    await expect(rina.figure('Menunggu')).toHaveText('0');
  });
  await test.step('and others go on', async () => {
    await rina.interview(PANGKALPINANG);
    await rina.sendNow();
    await expect(rina.figure('Terkirim')).toHaveText('2');
    await expect.poll(() => coordinator.unit(PANGKALPINANG)).toMatchObject({ interviews: 2 });
  });
});

test('a phone that was shut out says so, keeps its answers, and sends them once it is connected again', async ({ page, browser, server }) => {
  test.slow();
  const rina = await Surveyor.enrol(page, server, 'Rina');
  await rina.openVisit(PANGKALPINANG);
  await rina.sendNow();
  await page.getByRole('link', { name: 'Pengaturan' }).click();
  const device = await page.getByText(/^[0-9a-f]{32}$/).innerText();
  await server.loket('device', 'revoke', device);

  await rina.openVisit(PANGKALPINANG);
  await rina.openSection('Unit & tempat');
  await rina.choose('Jenis unit', 'Dinas Kesehatan');
  await rina.toOverview();
  await rina.openSync();
  await page.getByRole('button', { name: 'Kirim sekarang' }).click();
  await expect(page.getByText('Perangkat ini perlu dihubungkan lagi. Minta kode baru kepada koordinator; jawaban di sini tetap aman.')).toBeVisible();
  await rina.openVisit(PANGKALPINANG);
  await rina.openSection('Unit & tempat');
  await rina.chosen('Jenis unit', 'Dinas Kesehatan');

  await test.step('connected again, it has its answers still, and sends them', async () => {
    await page.goto(`${server.url}/enrol?code=${await server.code({ role: 'surveyor' })}`);
    await page.getByLabel('Nama Anda').fill('Rina');
    await page.getByRole('button', { name: 'Hubungkan' }).click();
    await rina.seesUnits();
    await rina.sendNow();
    await expect(rina.figure('Ditolak')).toHaveText('0');
    await rina.openVisit(PANGKALPINANG);
    await rina.openSection('Unit & tempat');
    await rina.chosen('Jenis unit', 'Dinas Kesehatan');
  });
  await test.step('and a colleague has them too', async () => {
    const context = await phone(browser);
    const budi = await Surveyor.enrol(await context.newPage(), server, 'Budi');
    await budi.openVisit(PANGKALPINANG);
    await budi.openSection('Unit & tempat');
    await budi.chosen('Jenis unit', 'Dinas Kesehatan');
    await context.close();
  });
});

test('what a gateway in between turns away is no refusal: it waits, and goes once the way is open', async ({ browser, server }) => {
  const context = await browser.newContext({ ...SURVEYOR, serviceWorkers: 'block' });
  const rina = await Surveyor.enrol(await context.newPage(), server, 'Rina');
  const gateways = /\/api\/v1\/(push|photos)/;
  let turnedAway = 0;
  await context.route(gateways, (route) => {
    turnedAway += 1;
    return route.fulfill({ status: 403, contentType: 'text/html', body: '<h1>Sign in to this network</h1>' });
  });
  await rina.openVisit(BONTANG);
  await rina.openSection('Sarana');
  await rina.takePhoto('Foto sarana', picture(6));
  await rina.toOverview();
  await rina.interview(PANGKALPINANG);
  await rina.openSync();
  await expect.poll(() => turnedAway).toBeGreaterThan(1);
  await expect(rina.figure('Ditolak')).toHaveText('0');
  await expect(rina.figure('Menunggu')).not.toHaveText('0');
  await context.unroute(gateways);
  await rina.sendNow();
  await expect(rina.figure('Menunggu')).toHaveText('0');
  const coordinator = await Coordinator.of(server);
  await expect.poll(() => coordinator.unit(PANGKALPINANG)).toMatchObject({ interviews: 1 });
});

test('a server that fails for a while is tried again by itself', async ({ page, server }) => {
  const rina = await Surveyor.enrol(page, server, 'Rina');
  await rina.readyForOffline();
  await server.kill();
  await rina.interview(BONTANG);
  const chip = page.locator('a.chip');
  await expect(chip).toHaveText('Server belum terjangkau');
  await server.start();
  await expect(chip).toHaveText('Semua terkirim', { timeout: 45_000 });
  const coordinator = await Coordinator.of(server);
  await expect.poll(() => coordinator.unit(BONTANG)).toMatchObject({ interviews: 1 });
});
