// The browser's process is killed with -9 in the middle of a form: what the page had shown as saved is there.
import { type Page } from '@playwright/test';
import { OwnBrowser } from '../support/browser';
import { eventually } from '../support/eventually';
import { BONTANG, phonePage, picture, Surveyor } from '../support/surveyor';
import { expect, test } from '../support/walk';

/** From now on tells the field's text at every moment at which the page says "saved". */
async function listen(page: Page, label: string): Promise<string[]> {
  const shown: string[] = [];
  await page.exposeFunction('shownAsSaved', (text: string) => shown.push(text));
  await page.getByLabel(label).evaluate((field) => {
    const state = document.querySelector<HTMLElement>('.save-state')!;
    const tell = (globalThis as unknown as { shownAsSaved: (text: string) => void }).shownAsSaved;
    const look = () => state.dataset.state === 'saved' && tell((field as HTMLTextAreaElement).value);
    new MutationObserver(look).observe(state, { attributes: true });
  });
  return shown;
}

test('what the page showed as saved while someone was typing is there after kill -9', async ({ server }) => {
  test.slow();
  const browser = await OwnBrowser.create();
  try {
    let rina = await Surveyor.enrol(await phonePage(await browser.start()), server, 'Rina');
    await rina.readyForOffline();
    await server.stop();
    const texts = ['Papan biaya tertutup tirai sejak pagi. ', 'Petugas pindah ke ruang belakang pukul 10. ', 'Antrean kembali dari satu. '];
    const fields = ['Temuan penting', 'Yang sudah baik', 'Temuan penting'];
    const kept = new Map<string, string>();
    for (const [turn, text] of texts.entries()) {
      const field = fields[turn]!;
      await test.step(`typing in "${field}", killed after ${turn + 2} times saved`, async () => {
        await rina.openVisit(BONTANG);
        await rina.openSection('Penutup');
        const shown = await listen(rina.page, field);
        const typing = rina.field(field).pressSequentially(text.repeat(20), { delay: 25, timeout: 60_000 });
        typing.catch(() => undefined);
        await eventually(async () => (shown.length >= turn + 2 ? true : undefined));
        await browser.kill();
        kept.set(field, shown.at(-1)!);

        rina = new Surveyor(await phonePage(await browser.start()), server);
        await rina.openApp();
        await rina.openVisit(BONTANG);
        await rina.openSection('Penutup');
        for (const [field, saved] of kept) {
          expect(saved.length).toBeGreaterThan(0);
          await expect(rina.field(field)).not.toHaveValue('');
          const now = await rina.field(field).inputValue();
          // Blanks at the end are no part of an answer.
          const answer = saved.trimEnd();
          expect(now.slice(0, answer.length)).toBe(answer);
          kept.set(field, now);
        }
        await rina.page.goto(server.url);
      });
    }
  } finally {
    await browser.discard();
  }
});

test('one answer of each kind, saved and not turned over, is there after kill -9', async ({ server }) => {
  test.slow();
  const browser = await OwnBrowser.create();
  try {
    let rina = await Surveyor.enrol(await phonePage(await browser.start()), server, 'Rina');
    await rina.readyForOffline();

    /** Answers, waits for "saved", kills at once, and opens the same section again. */
    const killed = async (section: string, answer: () => Promise<void>) => {
      await rina.openVisit(BONTANG);
      await rina.openSection(section);
      await answer();
      await rina.saved();
      await browser.kill();
      rina = new Surveyor(await phonePage(await browser.start()), server);
      await rina.openApp();
      await rina.openVisit(BONTANG);
      await rina.openSection(section);
    };

    await killed('Unit & tempat', async () => {
      await rina.choose('Jenis unit', 'Dinas Sosial');
      await rina.write('Tanggal kunjungan', '2026-03-02');
    });
    await rina.chosen('Jenis unit', 'Dinas Sosial');
    await rina.reads('Tanggal kunjungan', '2026-03-02');
    await rina.openApp();

    await killed('Sarana', async () => {
      await rina.choose('Sarana yang ada', 'Ruang tunggu');
      await rina.choose('Sarana yang ada', 'Tempat parkir');
      await rina.write('Jumlah kursi tunggu', '7');
      await rina.takePhoto('Foto sarana', picture(3));
    });
    await rina.chosen('Sarana yang ada', 'Ruang tunggu');
    await rina.chosen('Sarana yang ada', 'Tempat parkir');
    await rina.reads('Jumlah kursi tunggu', '7');
    await expect(rina.question('Foto sarana').getByRole('img')).toBeVisible();
    await rina.openApp();

    await killed('Standar pelayanan', async () => {
      const row = await rina.addRow('Produk');
      await rina.write('Nama produk', 'Rekomendasi panti', row);
    });
    const row = await rina.openRow('Rekomendasi panti');
    await rina.reads('Nama produk', 'Rekomendasi panti', row);

    await test.step('and all of it reaches the server', async () => {
      await rina.toOverview();
      await rina.sendNow();
      await rina.openUnit(BONTANG);
      await expect(rina.page.getByRole('region', { name: 'Kunjungan' })).toContainText('Di server');
    });
  } finally {
    await browser.discard();
  }
});

test('an interview that was half-way when the browser was killed goes on where it was', async ({ server }) => {
  const browser = await OwnBrowser.create();
  try {
    let rina = await Surveyor.enrol(await phonePage(await browser.start()), server, 'Rina');
    await rina.readyForOffline();
    await rina.newInterview(BONTANG);
    await rina.agrees();
    await rina.openSection('Pendapat Anda');
    await rina.choose('Apakah pelayanannya cepat?', 'Kurang cepat');
    await rina.saved();
    await browser.kill();
    rina = new Surveyor(await phonePage(await browser.start()), server);
    await rina.openApp();
    await rina.openUnit(BONTANG);
    await rina.page.getByRole('link', { name: /^Wawancara 1.*Belum selesai/ }).click();
    await rina.openSection('Izin Anda');
    await rina.chosen('Berapa umur Anda?', '18 tahun atau lebih');
    await rina.toOverview();
    await rina.openSection('Pendapat Anda');
    await rina.chosen('Apakah pelayanannya cepat?', 'Kurang cepat');
  } finally {
    await browser.discard();
  }
});
