// Nothing that axe-core finds against WCAG 2.2 A and AA, on every screen, in both languages.
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { type Page } from '@playwright/test';
import { check, speak } from '../support/axe';
import { DESKTOP, KIOSK, PHONE } from '../support/browser';
import {
  Citizen, DUKCAPIL, KESEHATAN, type Language, choose, device, differ, enrol, kept, openVisit, say, twoPhones,
} from '../support/people';
import type { Server } from '../support/server';
import { picture } from '../support/surveyor';
import { expect, test } from '../support/walk';

const LANGUAGES: Language[] = ['id', 'en'];

/** Goes to an address and waits for its heading and for what must be on it. */
async function at(page: Page, url: string, ...seen: string[]): Promise<void> {
  await page.goto(url);
  await expect(page.getByRole('heading', { level: 1 })).toBeVisible();
  for (const text of seen) await expect(page.locator('main').getByText(text).first()).toBeVisible();
}

for (const language of LANGUAGES) {
  test.describe(`in ${language}`, () => {
    test.setTimeout(150_000);

    test('no screen before enrolment breaks a rule', async ({ browser, server }) => {
      const page = await device(browser, PHONE);
      await page.goto(server.url);
      await speak(page, language);
      await check(page, 'enrol');
      await page.getByRole('button', { name: say(language, 'enrol.submit') }).click();
      await expect(page.getByText(say(language, 'enrol.code_missing'))).toBeVisible();
      await check(page, 'enrol, a code missing');
      await at(page, `${server.url}/nowhere`, say(language, 'app.not_found'));
      await check(page, 'no such page');
    });

    test("no screen of a surveyor's breaks a rule", async ({ browser, server }) => {
      const [page, other] = await twoPhones(browser, server, PHONE);
      page.setDefaultTimeout(10_000);
      await at(page, server.url);
      await speak(page, language);
      const menu = [
        ['units, none visited', '/', say(language, 'units.not_visited')],
        ['unit, nothing yet', `/unit/${KESEHATAN.id}`, say(language, 'unit.no_interviews')],
        ['no such unit', '/unit/nowhere', say(language, 'unit.unknown')],
        ['no such record', `/record/${'0'.repeat(32)}`, say(language, 'form.missing_record')],
        ['settings', '/setup', say(language, 'setup.storage')],
        ['coverage, denied', '/coverage', say(language, 'coverage.denied')],
        ['sync, all sent', '/sync', say(language, 'sync.all_sent')],
      ] as const;
      for (const [screen, path, seen] of menu) {
        await at(page, `${server.url}${path}`, seen);
        await check(page, screen);
      }

      await speak(page, 'id');
      await differ([page, other], server);
      await speak(page, language);
      await at(page, server.url, say(language, 'units.clashes', { count: 1 }));
      await check(page, 'units, with a clash');
      await page.getByRole('searchbox').fill('zzz');
      await expect(page.getByText(say(language, 'units.no_match'))).toBeVisible();
      await check(page, 'units, none found');
      await at(page, `${server.url}/unit/${DUKCAPIL.id}`, say(language, 'form.clash_count', { count: 1 }));
      await check(page, 'unit, with a clash');

      await page.getByRole('button', { name: say(language, 'unit.continue_visit') }).click();
      await expect(page.getByRole('heading', { name: say(language, 'form.sections') })).toBeVisible();
      await check(page, 'visit, overview');
      await page.getByRole('button', { name: say(language, 'form.close_visit') }).click();
      await expect(page.getByText(say(language, 'form.close_left'))).toBeVisible();
      await check(page, 'visit, what is left');

      const foot = page.getByRole('navigation', { name: say(language, 'form.sections') });
      await page.getByRole('listitem').getByRole('link').first().click();
      await expect(page.getByText(say(language, 'form.clash_title'))).toBeVisible();
      for (let number = 1; ; number += 1) {
        await fillALittle(page, language);
        const heading = await page.getByRole('heading', { level: 1 }).innerText();
        await check(page, `visit, ${heading}`);
        const next = foot.getByRole('link', { name: say(language, 'form.next') });
        if (!(await next.isVisible())) break;
        await next.click();
        await expect(page.getByRole('heading', { level: 1 })).not.toHaveText(heading);
        expect(number).toBeLessThan(12);
      }

      await foot.getByRole('link', { name: say(language, 'form.overview') }).click();
      await at(page, `${server.url}/unit/${DUKCAPIL.id}`);
      await page.getByRole('button', { name: say(language, 'unit.new_interview') }).click();
      await expect(page.getByRole('heading', { name: say(language, 'form.sections') })).toBeVisible();
      await check(page, 'interview, overview');
      await page.getByRole('listitem').getByRole('link').first().click();
      await check(page, 'interview, consent');
      await page.getByRole('radio', { name: language === 'id' ? '18 tahun atau lebih' : '18 years or more' }).check();
      await page.getByRole('radio', { name: language === 'id' ? 'Ya, saya setuju' : 'Yes, I agree' }).check();
      for (let parts = 0; parts < 4; parts += 1) {
        const before = await page.getByRole('heading', { level: 1 }).innerText();
        await foot.getByRole('link', { name: say(language, 'form.next') }).click();
        await expect(page.getByRole('heading', { level: 1 })).not.toHaveText(before);
        await fillALittle(page, language);
        await check(page, `interview, ${await page.getByRole('heading', { level: 1 }).innerText()}`);
      }
      await at(page, `${server.url}/unit/${DUKCAPIL.id}`, say(language, 'unit.draft'));
      await check(page, 'unit, with an interview');
    });

    test('no screen without a server, and none of a closed or refused record, breaks a rule', async ({ browser, server }) => {
      const page = await device(browser, PHONE);
      await enrol(page, server.url, await server.code({ person: 'Rina' }), 'Rina');
      await kept(page);
      await server.stop();
      await openVisit(page, KESEHATAN);
      await page.getByRole('button', { name: 'Selesaikan kunjungan' }).click();
      await page.getByRole('button', { name: 'Selesaikan walau belum lengkap' }).click();
      await expect(page.getByRole('heading', { level: 1, name: KESEHATAN.name })).toBeVisible();
      await speak(page, language);
      await check(page, 'unit, its visit closed');
      await page.getByRole('button', { name: say(language, 'unit.see_visit') }).click();
      await expect(page.getByText(say(language, 'form.closed'))).toBeVisible();
      await check(page, 'visit, closed');
      await page.getByRole('listitem').getByRole('link').first().click();
      await expect(page.getByRole('navigation', { name: say(language, 'form.sections') })).toBeVisible();
      await check(page, 'visit, a closed part');
      await at(page, `${server.url}/sync`, say(language, 'sync.waiting_title'), say(language, 'sync.trouble'));
      await check(page, 'sync, waiting without a server');
      await page.context().setOffline(true);
      await page.evaluate(() => window.dispatchEvent(new Event('offline')));
      await expect(page.locator('main').getByText(say(language, 'sync.offline'))).toBeVisible();
      await check(page, 'sync, waiting without a network');
      await page.context().setOffline(false);

      await moveUnit(server);
      await server.start();
      await page.getByRole('button', { name: say(language, 'sync.now') }).click();
      await expect(page.getByRole('heading', { name: say(language, 'sync.refused_title') })).toBeVisible();
      await check(page, 'sync, refused');
      await page.getByRole('button', { name: say(language, 'sync.refused_drop') }).first().click();
      await expect(page.getByText(say(language, 'sync.refused_sure'))).toBeVisible();
      await check(page, 'sync, refused, asked before dropping');
    });

    test("no screen of a coordinator's breaks a rule", async ({ browser, server }) => {
      await differ(await twoPhones(browser, server, PHONE), server);
      const page = await device(browser, DESKTOP);
      await enrol(page, server.url, await server.code({ role: 'coordinator', person: 'Sari' }), 'Sari');
      await speak(page, language);
      const question = language === 'id' ? 'Jam datang' : 'Time of arrival';
      await expect(page.getByText(question)).toBeVisible();
      await check(page, 'coverage, with a clash');
      await at(page, `${server.url}/devices`, say(language, 'devices.known'));
      await check(page, 'devices');
      await page.getByRole('button', { name: say(language, 'devices.make') }).click();
      await expect(page.getByRole('img', { name: say(language, 'devices.code') })).toBeVisible();
      await check(page, 'devices, with a code');
      await at(page, `${server.url}/setup`);
      await check(page, 'settings');
      await at(page, `${server.url}/kiosk`, say(language, 'kiosk.not_kiosk'));
      await check(page, 'not a kiosk');
      await at(page, `${server.url}/coverage`);
      await server.stop();
      await page.getByRole('button', { name: say(language, 'coverage.refresh') }).click();
      await expect(page.getByText(say(language, 'coverage.offline'))).toBeVisible();
      await check(page, 'coverage, without a network');
    });

    test('no screen of the kiosk breaks a rule', async ({ browser, server }) => {
      const page = await device(browser, KIOSK);
      await page.clock.install();
      await enrol(page, server.url, await server.code({ role: 'kiosk', person: 'Kios' }), 'Kios');
      await check(page, 'kiosk, which unit');
      await page.getByRole('button', { name: `${KESEHATAN.name}, ${KESEHATAN.government}` }).click();
      await check(page, 'kiosk, welcome');
      const citizen = await Citizen.begin(page, language);
      await check(page, 'kiosk, note');
      await citizen.goOnTo(language === 'id' ? 'Berapa umur Anda?' : 'How old are you?');
      await page.getByRole('contentinfo').getByRole('button').last().click();
      await expect(page.getByText(language === 'id' ? 'Mohon pilih umur Anda.' : 'Please choose your age.')).toBeVisible();
      await check(page, 'kiosk, one of several, unanswered');
      await citizen.choose(language === 'id' ? '18 tahun atau lebih' : '18 years or more');
      await check(page, 'kiosk, one of several, answered');
      await citizen.goOnTo(language === 'id' ? 'Apa yang diminta?' : 'What was asked for?', {
        'Apakah ada petugas yang meminta uang, barang atau bantuan di luar biaya resmi?': 'Ya, dan saya beri',
        'Did an officer ask for money, goods or favours beyond the official cost?': 'Yes, and I gave',
      });
      await citizen.choose(language === 'id' ? 'Uang' : 'Money');
      await check(page, 'kiosk, any number of several');
      await citizen.goOnToFreeWord();
      await citizen.write('Ramah. '.repeat(150));
      await expect(page.getByText(/1000/)).toBeVisible();
      await check(page, 'kiosk, free word, too long');
      await citizen.write('Ramah.');
      await check(page, 'kiosk, free word');
      await page.clock.fastForward(41_000);
      await expect(page.getByRole('dialog')).toBeVisible();
      await check(page, 'kiosk, warning');
      await page.getByRole('button', { name: say(language, 'kiosk.idle_stay') }).click();
      await expect(page.getByRole('dialog')).toBeHidden();
      await citizen.finish();
      await check(page, 'kiosk, thanks');
    });
  });
}

/** Opens a row, takes a photo and makes a problem, where the part of the form has room for one. */
async function fillALittle(page: Page, language: Language): Promise<void> {
  const main = page.getByRole('main');
  const add = main.getByRole('button', { name: new RegExp(`^\\+ ${say(language, 'form.add_row', { name: '' })}`) });
  for (const button of await add.all()) await button.click();
  if ((await add.count()) > 0) {
    const rows = main.locator('details[open]');
    await expect(rows).toHaveCount(await add.count());
    await rows.first().getByRole('radio').or(rows.first().getByRole('textbox')).first().waitFor();
    for (const choice of await rows.first().getByRole('radio', { name: /^(Ada|There), / }).all()) await choice.check();
    await expect.soft(rows, 'the row stays open while it is filled').toHaveCount(await add.count());
    const [remove] = say(language, 'form.remove_row').split(' ') as [string];
    await main.getByRole('button', { name: new RegExp(`^${remove} .* 1$`) }).first().click();
    await expect(main.getByText(say(language, 'form.remove_sure'))).toBeVisible();
  }
  const photo = main.locator('input[type=file]').first();
  if (await photo.isVisible()) {
    await photo.setInputFiles({ name: 'foto.png', mimeType: 'image/png', buffer: picture(1, 64, 48) });
    await expect(main.getByRole('img').first()).toBeVisible();
  }
  const number = main.locator('input[inputmode=numeric]').first();
  if (await number.isVisible()) {
    await number.fill('-1');
    await expect(main.locator('.problem').filter({ hasText: /\S/ }).first()).toBeVisible();
  }
}

/** The unit comes under another office, so that the server refuses what was begun under the old one. */
async function moveUnit(server: Server): Promise<void> {
  const list = join(server.data, 'moved.csv');
  const unit = `${KESEHATAN.name},${KESEHATAN.government},Kepulauan Bangka Belitung,kesehatan,kalimantan-timur`;
  await writeFile(list, `unit,government,province,kind,office\n${unit}\n`);
  await server.loket('units', 'import', list);
}
