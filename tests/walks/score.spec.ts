// The provisional score: reckoned on the phone at the counter, and the same as the server's once all is sent.
import { checkInBoth } from '../support/axe';
import { DESKTOP } from '../support/browser';
import { device, enrol, say } from '../support/people';
import { BONTANG, type Place, Surveyor, SURVEYOR } from '../support/surveyor';
import { expect, test } from '../support/walk';

test.use(SURVEYOR);

test('without a network a surveyor sees what the unit would score; the server reckons the same, down to answers and photos', async ({ page, browser, server }) => {
  test.slow();
  const rina = await Surveyor.enrol(page, server, 'Rina');
  await rina.readyForOffline();
  await rina.openUnit(BONTANG);
  const link = page.getByRole('link', { name: 'Nilai sementara' });
  await expect(page.getByRole('button', { name: 'Mulai kunjungan' })).toBeVisible();
  await expect(link).toHaveCount(0);
  await rina.openVisit(BONTANG);
  await server.stop();

  await test.step('nothing that counts is answered yet', async () => {
    await scorePage(rina, BONTANG);
    await expect(page.getByText(say('id', 'score.empty'))).toBeVisible();
    await page.getByRole('link', { name: 'Kembali ke unit' }).click();
  });

  await rina.openVisit(BONTANG);
  await rina.openSection('Standar pelayanan');
  await rina.showProduct('Surat keterangan domisili');
  await rina.toOverview();
  await rina.openSection('Sarana');
  await rina.choose('Sarana yang ada', 'Ruang tunggu');
  await rina.choose('Sarana yang ada', 'Toilet pengguna');
  await rina.toOverview();

  await scorePage(rina, BONTANG);
  const figure = page.locator('.score-figure strong');
  await expect(figure).toHaveText(/^\d+,\d\d$/);
  await expect(page.getByText(say('id', 'score.provisional'))).toBeVisible();
  await expect(page.getByRole('heading', { name: say('id', 'score.lacking') })).toBeVisible();
  await checkInBoth(page, 'a provisional score', figure);
  expect(await page.evaluate(() => document.documentElement.scrollWidth <= window.innerWidth)).toBe(true);
  const here = await figure.innerText();

  await server.start();
  await rina.sendNow();
  const unit = await unitId(page, rina);
  const there = JSON.parse(await server.loket('unit', unit));
  expect(there.score.value.shown.replace('.', ',')).toBe(here);
  expect(there.score.provisional).toBe(true);

  const sari = await device(browser, { ...DESKTOP, viewport: { width: 1280, height: 800 } });
  await enrol(sari, server.url, await server.code({ role: 'coordinator', person: 'Sari' }), 'Sari');
  await sari.goto(`${server.url}/results?unit=${unit}`);
  await expect(sari.getByText(here).first()).toBeVisible();
  const answer = sari.getByRole('row').filter({ hasText: 'Produk 1 › 1. Persyaratan › Di loket' });
  await expect(answer).toContainText('Ada, lengkap, mudah dibaca');
  await answer.getByRole('button', { name: 'Lihat foto 1' }).click();
  const photo = answer.getByRole('img', { name: 'Lihat foto 1' });
  await expect.poll(() => photo.evaluate((img: HTMLImageElement) => img.naturalWidth)).toBeGreaterThan(0);
  await answer.getByRole('button', { name: 'Lihat foto 1' }).click();
  await expect(photo).toHaveCount(0);

  await test.step('the pages of the round: the unit, its government, all units in the red zone', async () => {
    await expect(sari.getByRole('heading', { name: 'Apa yang mengangkat nilai?' })).toBeVisible();
    await checkInBoth(sari, 'a unit down to its answers', sari.locator('table').first());
    await sari.goto(`${server.url}/results?government=${encodeURIComponent(BONTANG.government)}`);
    await expect(sari.getByText('Masih kurang', { exact: false }).first()).toBeVisible();
    await expect(sari.getByRole('heading', { name: 'Di mana yang merah?' })).toBeVisible();
    await checkInBoth(sari, 'a government scored from records', sari.locator('.picture svg').first());
    await sari.goto(`${server.url}/results`);
    const red = sari.locator('section', { hasText: 'Semua unit di zona merah' }).last();
    await expect(red.getByRole('row').filter({ hasText: BONTANG.unit })).toContainText('merah');
    await checkInBoth(sari, 'all units in the red zone', sari.getByRole('link', { name: BONTANG.unit }).first());
  });

  await test.step('a visit is approved once it is closed, and waits again once it is changed', async () => {
    const approve = sari.getByRole('button', { name: 'Setujui yang sudah selesai' });
    await sari.goto(`${server.url}/results?unit=${unit}`);
    await approve.click();
    const told = sari.getByRole('status').filter({ hasText: 'Belum ada yang dapat disetujui.' });
    await expect(told).toBeInViewport();
    await expect(told).toBeFocused();
    await rina.openVisit(BONTANG);
    await page.getByRole('button', { name: 'Selesaikan kunjungan' }).click();
    await page.getByRole('button', { name: 'Selesaikan walau belum lengkap' }).click();
    await rina.sendNow();
    await sari.reload();
    await approve.click();
    await expect(sari.getByText('Disetujui: 1 rekaman.')).toBeVisible();
    await expect(sari.getByText('1 dari 1 rekaman disetujui')).toBeVisible();
    await expect(approve).toHaveCount(0);
    await checkInBoth(sari, 'an approved unit', sari.locator('table').first());
  });
});

test('a rule set that does not come keeps nobody from working', async ({ page, context, server }) => {
  await context.route('**/api/v1/methods/*', (route) => route.abort());
  const rina = await Surveyor.enrol(page, server, 'Rina');
  await rina.openVisit(BONTANG);
  await scorePage(rina, BONTANG);
  await expect(page.getByText(say('id', 'score.not_here'))).toBeVisible();
  await context.unroute('**/api/v1/methods/*');
  // The next look at the app asks again.
  await page.reload();
  await rina.sendNow();
  await scorePage(rina, BONTANG);
  await expect(page.getByText(say('id', 'score.empty'))).toBeVisible();
});

async function scorePage(surveyor: Surveyor, place: Place): Promise<void> {
  await surveyor.openUnit(place);
  await surveyor.page.getByRole('link', { name: 'Nilai sementara' }).click();
  await expect(surveyor.page.getByRole('heading', { level: 1, name: 'Nilai sementara' })).toBeVisible();
}

async function unitId(page: Surveyor['page'], surveyor: Surveyor): Promise<string> {
  await surveyor.openUnit(BONTANG);
  return new URL(page.url()).pathname.split('/').at(-1)!;
}
