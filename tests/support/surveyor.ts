// A surveyor with a phone, as walks speak of one: every step is what a person sees and taps, by its name.
import { deflateSync } from 'node:zlib';
import { expect, type Browser, type BrowserContext, type Locator, type Page } from '@playwright/test';
import { PHONE } from './browser';
import type { Server } from './server';

/** A unit of the samples that no other government has by this name. */
export const BONTANG = { government: 'Kota Bontang', unit: 'Dinas Sosial dan Pemberdayaan Masyarakat' };
export const PANGKALPINANG = { government: 'Kota Pangkalpinang', unit: 'Dinas Kesehatan' };
export type Place = typeof BONTANG;

/** Where the phones stand, as the form writes it. */
const HERE = { latitude: -2.12945, longitude: 106.11382, accuracy: 12 };

/** What lets a browser's context be a phone in Indonesia, with its place allowed. */
export const SURVEYOR = { ...PHONE, locale: 'id-ID', geolocation: HERE, permissions: ['geolocation'] };

/** A context of its own for one more phone in the same browser. */
export function phone(browser: Browser): Promise<BrowserContext> {
  return browser.newContext(SURVEYOR);
}

/** A page in a browser that was started as a process of its own, made a phone's. */
export async function phonePage(context: BrowserContext): Promise<Page> {
  await context.grantPermissions(['geolocation']);
  await context.setGeolocation(HERE);
  const page = await context.newPage();
  await page.setViewportSize(PHONE.viewport);
  return page;
}

export class Surveyor {
  constructor(
    readonly page: Page,
    private readonly server: Server,
  ) {
    page.setDefaultTimeout(10_000);
  }

  /** Connects this phone with a code, and waits for the list of units. */
  static async enrol(page: Page, server: Server, name: string): Promise<Surveyor> {
    const code = await server.code({ role: 'surveyor' });
    await page.goto(server.url);
    await page.getByLabel('Kode').fill(code);
    await page.getByLabel('Nama Anda').fill(name);
    await page.getByRole('button', { name: 'Hubungkan' }).click();
    const surveyor = new Surveyor(page, server);
    await surveyor.seesUnits();
    return surveyor;
  }

  async seesUnits(): Promise<void> {
    await expect(this.page.getByRole('heading', { level: 1, name: 'Unit yang dinilai' })).toBeVisible();
    await expect(this.page.getByRole('link', { name: BONTANG.unit })).toBeVisible();
  }

  /** Waits until the app needs no network: its files are kept, and so is what one visit brings. */
  async readyForOffline(): Promise<void> {
    await this.page.evaluate(async () => {
      await navigator.serviceWorker.ready;
    });
  }

  /** Opens the app anew, as from the home screen. */
  async openApp(): Promise<void> {
    await this.page.goto(this.server.url);
    await this.seesUnits();
  }

  async openUnit({ government, unit }: Place): Promise<void> {
    await this.page.getByRole('link', { name: 'Loket', exact: true }).click();
    const part = this.page.locator('section').filter({ has: this.page.getByRole('heading', { name: government }) });
    await part.getByRole('link', { name: unit }).click();
    await expect(this.page.getByRole('heading', { level: 1, name: unit })).toBeVisible();
  }

  /** Opens the unit's visit at its overview. */
  async openVisit(place: Place): Promise<void> {
    await this.openUnit(place);
    await this.page.getByRole('button', { name: /^(Mulai|Lanjutkan|Lihat) kunjungan$/ }).click();
    await this.seesOverview('Kunjungan penilaian unit pelayanan');
  }

  /** Begins an interview at the unit. */
  async newInterview(place: Place): Promise<void> {
    await this.openUnit(place);
    await this.page.getByRole('button', { name: 'Wawancara baru' }).click();
    await this.seesOverview('Pendapat warga tentang pelayanan');
  }

  /** Interviews a citizen who agrees and says what must be said, and finishes. */
  async interview(place: Place): Promise<void> {
    await this.newInterview(place);
    await this.agrees();
    await this.openSection('Layanan Anda');
    await this.choose('Anda dilayani di kantor apa?', 'Kantor lain');
    await this.toOverview();
    await this.page.getByRole('button', { name: 'Selesaikan wawancara' }).click();
    await expect(this.page.getByRole('heading', { level: 1, name: place.unit })).toBeVisible();
  }

  /** The citizen is of age and agrees; from the interview's overview and back. */
  async agrees(): Promise<void> {
    await this.openSection('Izin Anda');
    await this.choose('Berapa umur Anda?', '18 tahun atau lebih');
    await this.choose('Apakah Anda setuju menjawab pertanyaan kami?', 'Ya, saya setuju');
    await this.toOverview();
  }

  private async seesOverview(title: string): Promise<void> {
    await expect(this.page.getByRole('heading', { level: 1, name: title })).toBeVisible();
    await expect(this.page.getByRole('heading', { name: 'Bagian' })).toBeVisible();
  }

  /** The line of one section in the overview. */
  section(name: string): Locator {
    return this.page.getByRole('link', { name: new RegExp(`^${escape(name)}`) });
  }

  async openSection(name: string): Promise<void> {
    await this.section(name).click();
    await expect(this.page.getByRole('heading', { level: 1, name, exact: true })).toBeVisible();
  }

  /** From a section to the overview, whichever section it is; pages turned on the way are saved. */
  async toOverview(): Promise<void> {
    await this.saved();
    const back = this.page.getByRole('navigation', { name: 'Bagian' });
    const overview = back.getByRole('link', { name: 'Ringkasan' });
    const heading = this.page.getByRole('heading', { name: 'Bagian' });
    for (let pages = 0; pages < 10 && !(await heading.isVisible()); pages += 1) {
      const here = await this.page.getByRole('heading', { level: 1 }).innerText();
      await ((await overview.isVisible()) ? overview.first() : back.getByRole('link').first()).click();
      await expect(this.page.getByRole('heading', { level: 1 })).not.toHaveText(here);
    }
    await expect(heading).toBeVisible();
  }

  /** A question by its label: of the page, or inside a part of it. */
  question(label: string, within: Page | Locator = this.page): Locator {
    const title = new RegExp(`^\\s*${escape(label)}\\s*(wajib)?\\s*$`);
    return within.locator('.question').filter({ has: this.page.locator('.title', { hasText: title }) });
  }

  /** A named group of questions, or a repeat. */
  group(name: string, within: Page | Locator = this.page): Locator {
    return within.getByRole('group', { name, exact: true });
  }

  async choose(label: string, choice: string, within?: Locator): Promise<void> {
    const question = this.question(label, within);
    const list = question.getByRole('combobox');
    await question.getByText(choice, { exact: true }).or(list).first().waitFor();
    if (await list.isVisible()) await list.selectOption({ label: choice });
    else await question.getByLabel(choice, { exact: true }).check();
  }

  async chosen(label: string, choice: string, within?: Locator): Promise<void> {
    const question = this.question(label, within);
    const list = question.getByRole('combobox');
    await expect(question).toBeVisible();
    if (await list.isVisible()) await expect(list.locator('option:checked')).toHaveText(choice);
    else await expect(question.getByLabel(choice, { exact: true })).toBeChecked();
  }

  /** The field of a typed answer. */
  field(label: string, within?: Locator): Locator {
    return this.question(label, within).locator('input, textarea').first();
  }

  async write(label: string, text: string, within?: Locator): Promise<void> {
    await this.field(label, within).fill(text);
  }

  async reads(label: string, text: string, within?: Locator): Promise<void> {
    await expect(this.field(label, within)).toHaveValue(text);
  }

  async takePhoto(label: string, picture: Buffer, within?: Locator): Promise<void> {
    const question = this.question(label, within);
    const file = { name: 'foto.png', mimeType: 'image/png', buffer: picture };
    await question.locator('input[type=file]').setInputFiles(file);
    await expect(question.getByRole('img')).toBeVisible();
  }

  /** Adds a row to a repeat, and gives it: the last one. */
  async addRow(repeat: string): Promise<Locator> {
    const group = this.group(repeat);
    const rows = group.locator('details');
    const before = await rows.count();
    await group.getByRole('button', { name: `Tambah: ${repeat}` }).click();
    await expect(rows).toHaveCount(before + 1);
    return rows.nth(before);
  }

  /** Adds a product and answers of it what a counter shows, with a photo; gives its row. */
  async showProduct(name: string): Promise<Locator> {
    const row = await this.addRow('Produk');
    await this.write('Nama produk', name, row);
    const requirements = this.group('1. Persyaratan', row);
    await this.choose('Di loket', 'Ada, lengkap, mudah dibaca', requirements);
    await this.takePhoto('Foto di loket', picture(1), requirements);
    await this.choose('Di situs / media sosial', 'Tidak ada', requirements);
    return row;
  }

  /** A product's row that shows this name, opened. */
  async openRow(preview: string): Promise<Locator> {
    const row = this.page.locator('details').filter({ has: this.page.locator('summary', { hasText: preview }) });
    await expect(row).toHaveCount(1);
    if ((await row.getAttribute('open')) === null) await row.locator('summary').click();
    return row;
  }

  /** Waits until the page says that what was typed is on this device. */
  async saved(): Promise<void> {
    await expect(this.page.locator('.save-state')).toHaveText('Tersimpan di perangkat ini');
  }

  /** Presses "Kirim sekarang", and waits until the phone has asked the server and everything is sent. */
  async sendNow(): Promise<void> {
    await this.startSending();
    // While a round goes on, the button says so: what the phone finds in it may have to be sent yet.
    await expect(this.page.getByRole('button', { name: 'Kirim sekarang' })).toBeEnabled({ timeout: 30_000 });
    await expect(this.page.getByRole('main').getByText('Semua terkirim')).toBeVisible({ timeout: 30_000 });
  }

  /** Presses "Kirim sekarang", and waits until the phone has asked the server. */
  async startSending(): Promise<void> {
    await this.openSync();
    const asked = this.page.waitForResponse((answer) => answer.url().includes('/api/v1/pull'), { timeout: 30_000 });
    await this.page.getByRole('button', { name: 'Kirim sekarang' }).click();
    await asked;
  }

  /** The page of the sync report, by the state in the bar. */
  async openSync(): Promise<void> {
    await this.page.locator('a.chip').click();
    await expect(this.page.getByRole('heading', { level: 1, name: 'Kiriman' })).toBeVisible();
  }

  /** One number of the sync report. */
  figure(name: 'Menunggu' | 'Terkirim' | 'Diterima dari tim' | 'Ditolak'): Locator {
    const figure = this.page.locator('.figures > div').filter({ hasText: name });
    return figure.locator('dd');
  }
}

function escape(text: string): string {
  return text.replace(/[.*+?^${}()|[\]\\]/g, '\\$&');
}

/** A picture of noise, so that no two are alike and none gets small by itself. */
export function picture(seed: number, width = 320, height = 240): Buffer {
  let state = seed >>> 0 || 1;
  const next = () => (state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0) >>> 24;
  const lines = Buffer.alloc(height * (1 + width * 3));
  for (let at = 0; at < lines.length; at += 1) lines[at] = at % (1 + width * 3) === 0 ? 0 : next();
  const head = Buffer.alloc(13);
  head.writeUInt32BE(width, 0);
  head.writeUInt32BE(height, 4);
  head.set([8, 2, 0, 0, 0], 8);
  const signature = Buffer.from([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a]);
  return Buffer.concat([signature, chunk('IHDR', head), chunk('IDAT', deflateSync(lines)), chunk('IEND', Buffer.alloc(0))]);
}

function chunk(name: string, body: Buffer): Buffer {
  const named = Buffer.concat([Buffer.from(name, 'latin1'), body]);
  const frame = Buffer.alloc(8);
  frame.writeUInt32BE(body.length, 0);
  frame.writeUInt32BE(crc(named), 4);
  return Buffer.concat([frame.subarray(0, 4), named, frame.subarray(4)]);
}

function crc(bytes: Buffer): number {
  let sum = 0xffff_ffff;
  for (const byte of bytes) {
    sum ^= byte;
    for (let bit = 0; bit < 8; bit += 1) sum = sum & 1 ? (sum >>> 1) ^ 0xedb8_8320 : sum >>> 1;
  }
  return (sum ^ 0xffff_ffff) >>> 0;
}
