// Hands that only have a keyboard: everything is reached with Tab, seen to be reached, and done with keys.
import { expect, type Locator, type Page } from '@playwright/test';
import { picture } from './surveyor';

/** The control that has the focus, as a person at the keyboard meets it. */
type Met = { tag: string; type: string; role: string; name: string; question: string; id: string; label: string };

export class Keyboard {
  constructor(private readonly page: Page) {
    // Listened to all the time: where that begins with each press, the press may come first.
    page.on('filechooser', (chooser) => {
      void chooser.setFiles({ name: 'foto.png', mimeType: 'image/png', buffer: picture(7, 64, 48) });
    });
  }

  /** Presses keys, one after another. */
  async press(...keys: string[]): Promise<void> {
    for (const key of keys) await this.page.keyboard.press(key);
  }

  async type(text: string): Promise<void> {
    await this.page.keyboard.type(text);
  }

  /** Goes on with Tab until `target` has the focus. */
  async to(target: Locator, key: 'Tab' | 'Shift+Tab' = 'Tab'): Promise<void> {
    await target.first().waitFor();
    for (let presses = 0; presses < 200; presses += 1) {
      if (await target.first().evaluate((one) => one === document.activeElement)) return this.isSeen();
      await this.press(key);
    }
    throw new Error(`${key} never comes to ${target}`);
  }

  /** Goes to a control and presses it. */
  async press_on(target: Locator, key = 'Enter'): Promise<void> {
    await this.to(target);
    await this.press(key);
  }

  /** What has the focus stands on the screen, is not covered, and is marked. */
  async isSeen(): Promise<void> {
    const seen = () =>
      this.page.evaluate(() => {
        const one = document.activeElement as HTMLElement;
        const marked = [one, one.closest('.choice, .pick, .star')].some((part) => {
          const style = part === null ? undefined : getComputedStyle(part);
          return style !== undefined && style.outlineStyle !== 'none' && parseFloat(style.outlineWidth) >= 2;
        });
        const { left, top, width, height } = (one.closest('.choice, .pick, .star') ?? one).getBoundingClientRect();
        const [x, y] = [left + width / 2, top + Math.min(height / 2, 24)];
        const there = document.elementFromPoint(x, y);
        const covered = there === null || !(one.contains(there) || (there.contains(one) && there !== document.body) || there.closest('label')?.contains(one));
        return `${marked ? 'marked' : 'not marked'}, ${covered ? 'covered' : 'in sight'}: ${one.outerHTML.slice(0, 120)}`;
      });
    await expect.poll(seen, { timeout: 2_000 }).toMatch(/^marked, in sight/);
  }

  /** What has the focus; none while that is the page itself. */
  private met(): Promise<Met | undefined> {
    return this.page.evaluate(() => {
      const one = document.activeElement as HTMLInputElement | null;
      if (one === null || one === document.body) return undefined;
      const question = one.closest('.question');
      const label = question?.querySelector('.title')?.textContent ?? '';
      return {
        tag: one.tagName, type: one.type ?? '', role: one.getAttribute('role') ?? '', name: one.name ?? '', id: one.id,
        question: question?.id ?? '', label: label.trim(),
      };
    });
  }

  /**
   * Fills a page from its heading to its foot, in the order of Tab: every question that comes by, every row that may be
   * added once. Gives the questions in the order in which they came.
   */
  async fillPage(answers: Record<string, string> = {}): Promise<string[]> {
    const came: string[] = [];
    const foot = this.page.locator('nav.foot a');
    const added = new Set<string>();
    for (let presses = 0; presses < 400; presses += 1) {
      await this.press('Tab');
      if (await foot.first().evaluate((one) => one === document.activeElement)) return came;
      const met = await this.met();
      if (met === undefined) throw new Error('Tab left the page before its foot');
      await this.isSeen();
      if (met.question === '') {
        // A row is added by its button; the focus is on the new row then, and goes on inside.
        const words = await this.page.evaluate(() => document.activeElement?.textContent ?? '');
        if (words.trim().startsWith('+') && !added.has(words)) {
          added.add(words);
          await this.press('Enter');
          await expect(this.page.locator('summary:focus')).toBeVisible();
        }
        continue;
      }
      if (came.includes(met.question)) continue;
      came.push(met.question);
      await this.answer(met, answers[met.label.replace(/\s*wajib$/, '')]);
    }
    throw new Error('Tab never comes to the foot of the page');
  }

  /** Answers the question whose first control has the focus. */
  private async answer({ tag, type, label }: Met, wanted: string | undefined): Promise<void> {
    if (tag === 'SELECT') await this.press('ArrowDown');
    else if (type === 'radio') await this.choose(wanted);
    else if (type === 'checkbox') await this.press('Space');
    else if (type === 'range') await this.press('ArrowRight');
    else if (type === 'date') await this.type('02032026');
    else if (type === 'file') await this.give();
    else if (tag === 'BUTTON') await this.press('Enter');
    else if (tag === 'SUMMARY') await this.press('Enter');
    else if (tag === 'TEXTAREA' || tag === 'INPUT') await this.type(wanted ?? (await this.wordsFor()));
    else throw new Error(`no key answers <${tag.toLowerCase()} type=${type}> of ${label}`);
  }

  /** Whole numbers where the field asks for them. */
  private async wordsFor(): Promise<string> {
    const mode = await this.page.evaluate(() => (document.activeElement as HTMLInputElement).inputMode);
    return mode === 'numeric' || mode === 'decimal' ? '4' : 'Ditulis dengan tombol';
  }

  /** Space takes the first of the choices; arrows go on to the wanted one. */
  private async choose(wanted: string | undefined): Promise<void> {
    await this.press('Space');
    if (wanted === undefined) return;
    const words = () => this.page.evaluate(() => document.activeElement?.closest('label')?.textContent?.trim() ?? '');
    for (let steps = 0; (await words()) !== wanted; steps += 1) {
      expect(steps, `an arrow comes to ${wanted}`).toBeLessThan(20);
      await this.press('ArrowDown');
    }
  }

  /** Space opens the system's own chooser of files, which takes keys too. */
  private async give(): Promise<void> {
    await this.press('Space');
    const shown = () => this.page.evaluate(() => document.activeElement?.closest('.question')?.querySelector('img') !== null);
    await expect.poll(shown, { message: 'the picture shows, and the focus stays at its question' }).toBe(true);
  }
}
