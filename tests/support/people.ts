// People at a screen: whoever enrols a device, a citizen at a kiosk, two surveyors who differ.
import { readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { type Browser, type BrowserContext, type BrowserContextOptions, type Page, expect } from '@playwright/test';
import type { Server } from './server';

export type Language = 'id' | 'en';
type Texts = Record<string, Record<string, string>>;

const LOCALES = resolve(import.meta.dirname, '../../app/locales');
const catalogue: Record<Language, Texts> = {
  id: JSON.parse(readFileSync(join(LOCALES, 'id.json'), 'utf8')),
  en: JSON.parse(readFileSync(join(LOCALES, 'en.json'), 'utf8')),
};

/** A text of the app in a language, its parts filled in: `say('en', 'nav.units')`. */
export function say(language: Language, key: string, parts: Record<string, string | number> = {}): string {
  const [group, name] = key.split('.') as [string, string];
  const text = catalogue[language][group]?.[name];
  if (text === undefined) throw new Error(`no text ${key} in ${language}`);
  return text.replace(/\{\{ (\w+) \}\}/g, (_, part: string) => String(parts[part]));
}

/** Units of the sample list. */
export const DUKCAPIL = {
  id: 'kota-pangkalpinang-dinas-kependudukan-dan-pencatatan-sipil',
  name: 'Dinas Kependudukan dan Pencatatan Sipil',
  government: 'Kota Pangkalpinang',
};
export const KESEHATAN = {
  id: 'kota-pangkalpinang-dinas-kesehatan',
  name: 'Dinas Kesehatan',
  government: 'Kota Pangkalpinang',
};

/** Connects the device that shows `page`, in Indonesian, and waits for its first page. */
export async function enrol(page: Page, url: string, code: string, name: string): Promise<void> {
  await page.goto(url);
  await page.getByLabel('Kode', { exact: true }).fill(code);
  await page.getByLabel('Nama Anda').fill(name);
  await page.getByRole('button', { name: 'Hubungkan' }).click();
  await expect(page.getByRole('heading', { level: 1, name: 'Hubungkan perangkat ini' })).toBeHidden();
  await expect(page.getByRole('heading', { level: 1 })).toBeVisible();
}

/** Waits until the app is on the device whole, so that it starts without a network. */
export async function kept(page: Page): Promise<void> {
  await page.evaluate(async () => void (await navigator.serviceWorker.ready));
}

/** Another device: a context of its own, closed with the browser. */
export async function device(browser: Browser, options: BrowserContextOptions): Promise<Page> {
  const defaults: BrowserContextOptions = { locale: 'id-ID', timezoneId: 'Asia/Jakarta' };
  const context: BrowserContext = await browser.newContext({ ...defaults, ...options });
  return context.newPage();
}

/** Somebody at the kiosk, one question at a time. */
export class Citizen {
  private constructor(
    readonly page: Page,
    private readonly language: Language,
  ) {}

  /** Chooses the language at the welcome screen. */
  static async begin(page: Page, language: Language = 'id'): Promise<Citizen> {
    await page.getByRole('button', { name: say(language, 'kiosk.start_here') }).click();
    const citizen = new Citizen(page, language);
    await expect(citizen.step).toHaveText(new RegExp(`^\\D+1\\D`));
    return citizen;
  }

  get step() {
    return this.page.locator('.kiosk-head .step');
  }

  get question() {
    return this.page.getByRole('heading', { level: 1 });
  }

  async choose(...answers: string[]): Promise<void> {
    for (const name of answers) {
      const one = this.page.getByRole('radio', { name, exact: true });
      await one.or(this.page.getByRole('checkbox', { name, exact: true })).check();
    }
  }

  async write(text: string): Promise<void> {
    await this.page.getByRole('textbox').fill(text);
  }

  /** Presses the button without waiting for what comes. */
  async press(key: 'kiosk.next' | 'kiosk.back' | 'kiosk.stop' | 'kiosk.finish' | 'kiosk.again'): Promise<void> {
    await this.page.getByRole('button', { name: say(this.language, key), exact: true }).click();
  }

  /** Goes one question on (or back), and waits until it is there. */
  async turn(key: 'kiosk.next' | 'kiosk.back' = 'kiosk.next'): Promise<void> {
    const by = key === 'kiosk.next' ? 1 : -1;
    const number = await this.number();
    await this.press(key);
    await expect(this.step).toHaveText(new RegExp(`^\\D+${number + by}\\D`));
  }

  async number(): Promise<number> {
    return Number(/\d+/.exec(await this.step.innerText())?.[0]);
  }

  /** Answers from question to question until `last` is asked; the first choice where `answers` says nothing. */
  async goOnTo(last: string | RegExp, answers: Record<string, string> = {}): Promise<void> {
    const wanted = (text: string) => (typeof last === 'string' ? text === last : last.test(text));
    for (let text = await this.question.innerText(); !wanted(text); text = await this.question.innerText()) {
      const choices = this.page.getByRole('radio');
      const answer = answers[text];
      if (answer !== undefined) await this.choose(answer);
      else if ((await choices.count()) > 0) await choices.first().check();
      await this.turn();
    }
  }

  /** Gives consent, and stands at the first question behind it. */
  async consent(): Promise<void> {
    await this.goOnTo(this.language === 'id' ? 'Anda dilayani di kantor apa?' : 'Which kind of office served you?');
  }

  /** From wherever to the free word. */
  async goOnToFreeWord(): Promise<void> {
    const id = 'Adakah yang ingin Anda sampaikan?';
    await this.goOnTo(this.language === 'id' ? id : 'Is there anything you would like to say?');
  }

  /** From the free word to thanks. */
  async finish(): Promise<void> {
    await this.turn();
    await this.press('kiosk.finish');
    await expect(this.page.getByText(say(this.language, 'kiosk.thanks_lead'))).toBeVisible();
  }
}

/** Opens the unit's visit, as a surveyor: by the list of units. */
export async function openVisit(page: Page, unit: { name: string; government: string }): Promise<void> {
  await page.getByRole('link', { name: 'Loket', exact: true }).click();
  await page.getByRole('searchbox', { name: 'Cari unit' }).fill(`${unit.government} ${unit.name}`);
  await page.getByRole('link', { name: new RegExp(`^${unit.name}`) }).click();
  await page.getByRole('button', { name: /^(Mulai|Lanjutkan|Lihat) kunjungan$/ }).click();
  await expect(page.getByRole('heading', { level: 1, name: 'Kunjungan penilaian unit pelayanan' })).toBeVisible();
}

/** Opens a part of the form from its overview. */
export async function openSection(page: Page, name: string): Promise<void> {
  await page.getByRole('link', { name: new RegExp(`^${name}`) }).click();
  await expect(page.getByRole('heading', { level: 1, name, exact: true })).toBeVisible();
}

/** Chooses an answer to a question in a form. */
export async function choose(page: Page, question: string | RegExp, answer: string): Promise<void> {
  await page.getByRole('group', { name: question }).getByRole('radio', { name: answer, exact: true }).check();
}

/** Sends what waits, and waits until the sync page says that all is sent. */
export async function send(page: Page): Promise<void> {
  await page.getByRole('link', { name: 'Kiriman' }).click();
  await page.getByRole('button', { name: 'Kirim sekarang' }).click();
  await expect(page.locator('main').getByText('Semua terkirim')).toBeVisible();
}

/** Two phones of one team, both with the app and the forms on them. */
export async function twoPhones(browser: Browser, server: Server, size: BrowserContextOptions): Promise<[Page, Page]> {
  const phones: Page[] = [];
  for (const name of ['Rina', 'Budi']) {
    const page = await device(browser, size);
    await enrol(page, server.url, await server.code({ person: name }), name);
    await kept(page);
    phones.push(page);
  }
  return phones as [Page, Page];
}

/** They fill the same visit at the same time without a network, and differ on when they arrived. */
export async function differ(phones: [Page, Page], server: Server, unit = DUKCAPIL): Promise<void> {
  await server.stop();
  for (const [page, when] of [[phones[0], 'Sebelum 10.00'], [phones[1], 'Sesudah 14.00']] as const) {
    await openVisit(page, unit);
    await openSection(page, 'Unit & tempat');
    await choose(page, /^Jam datang/, when);
    await expect(page.getByText('Tersimpan di perangkat ini')).toBeVisible();
    await page.getByRole('link', { name: 'Lanjut' }).click();
  }
  await server.start();
  // The first phone once more, for what the second one sent.
  for (const page of [...phones, phones[0]]) {
    await page.getByRole('link', { name: 'Loket', exact: true }).click();
    await send(page);
  }
}
