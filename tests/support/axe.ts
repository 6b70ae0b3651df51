// What axe-core says against a screen by the rules of WCAG 2.2 A and AA.
import AxeBuilder from '@axe-core/playwright';
import { expect, test, type Locator, type Page } from '@playwright/test';
import type { Language } from './people';

const TAGS = ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa'];

/** Fails softly with one line for each element that a rule is broken at. */
export async function check(page: Page, screen: string): Promise<void> {
  await test.step(screen, async () => {
    // In the page itself, which has no frames, and not by way of a second page for each screen; the rules are the same.
    const axe = new AxeBuilder({ page }).options({ resultTypes: ['violations'] }).withTags(TAGS).setLegacyMode();
    const { violations } = await axe.analyze();
    const lines = violations.flatMap(({ id, help, nodes }) =>
      nodes.map(({ target, html, any, all }) => {
        const why = [...any, ...all].map(({ message }) => message).join(' / ');
        return `${id}: ${help}\n  at ${target.join(' ')}\n  ${html.slice(0, 160)}\n  ${why}`;
      }),
    );
    expect.soft(lines.join('\n'), screen).toBe('');
  });
}

/** Puts the app into a language, as the settings do. */
export async function speak(page: Page, language: Language): Promise<void> {
  await page.evaluate((code) => localStorage.setItem('loket.language', JSON.stringify(code)), language);
  await page.reload();
  await expect(page.locator('html')).toHaveAttribute('lang', language);
  await expect(page.getByRole('heading', { level: 1 })).toBeVisible();
}

/** The same in English and in Indonesian, in which it is left. `there` is on the screen in both. */
export async function checkInBoth(page: Page, screen: string, there: Locator): Promise<void> {
  for (const language of ['en', 'id'] as const) {
    await speak(page, language);
    await expect(there).toBeVisible();
    await check(page, `${screen}, in ${language}`);
  }
}
