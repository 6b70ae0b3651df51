// Debian's Chromium, as the walks start it: in Playwright's hands, or as a process of its own that can be killed.
import { spawn, type ChildProcess } from 'node:child_process';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { chromium, type Browser, type BrowserContext, type LaunchOptions } from '@playwright/test';
import { eventually } from './eventually';

const root = process.getuid?.() === 0;
// Chromium as people have it. Without windows it keeps no service worker when it is started again.
const WHOLE = process.env.LOKET_CHROMIUM_WHOLE ?? '/usr/bin/chromium';

export const launch: LaunchOptions = {
  executablePath: process.env.LOKET_CHROMIUM ?? '/usr/bin/chromium',
  args: [
    ...(root ? ['--no-sandbox'] : []),
    '--disable-background-networking',
    '--disable-component-update',
    '--disable-sync',
    '--disable-quic',
    '--no-first-run',
    // No graphics card here: emulating one costs more than drawing without.
    '--disable-gpu',
  ],
};

/** A surveyor's phone, 360x740. */
export const PHONE = { viewport: { width: 360, height: 740 }, hasTouch: true, isMobile: true, deviceScaleFactor: 2 };
/** A kiosk's upright touch screen. */
export const KIOSK = { viewport: { width: 1080, height: 1920 }, hasTouch: true };
/** A coordinator's desk. */
export const DESKTOP = { viewport: { width: 1366, height: 860 } };

/**
 * A browser with a profile of its own on disk, which outlives its process: for walks that kill the browser, or
 * close it and start it again. `start` opens it (again), `kill` is `kill -9`, `close` is a person's closing.
 */
export class OwnBrowser {
  private process: ChildProcess | undefined;
  private browser: Browser | undefined;

  private constructor(
    private readonly profile: string,
    private readonly size: { width: number; height: number },
  ) {}

  static async create(size = PHONE.viewport): Promise<OwnBrowser> {
    return new OwnBrowser(await mkdtemp(join(tmpdir(), 'loket-browser-')), size);
  }

  /** Starts the process; the context is the profile's own, with all that it has stored. */
  async start(): Promise<BrowserContext> {
    const portFile = join(this.profile, 'DevToolsActivePort');
    await rm(portFile, { force: true });
    const window = `--window-size=${this.size.width},${this.size.height}`;
    const args = [...(launch.args ?? []), '--accept-lang=id-ID,id', '--headless', '--remote-debugging-port=0', window];
    const child = spawn(WHOLE, [...args, `--user-data-dir=${this.profile}`, 'about:blank'], {
      stdio: 'ignore',
      detached: true,
    });
    this.process = child;
    const port = await eventually(async () => (await readFile(portFile, 'utf8')).split('\n')[0] || undefined);
    this.browser = await chromium.connectOverCDP(`http://127.0.0.1:${port}`);
    return this.browser.contexts()[0]!;
  }

  /** `kill -9` of the browser and all its processes, as when the battery is taken out. */
  async kill(): Promise<void> {
    await this.end('SIGKILL');
  }

  /** Closes the browser as a person does. */
  async close(): Promise<void> {
    await this.end('SIGTERM');
  }

  /** Closes it for good, and deletes the profile. */
  async discard(): Promise<void> {
    await this.end('SIGKILL');
    await rm(this.profile, { recursive: true, force: true, maxRetries: 5 });
  }

  private async end(signal: 'SIGKILL' | 'SIGTERM'): Promise<void> {
    const child = this.process;
    this.process = undefined;
    if (child?.pid === undefined || child.exitCode !== null || child.signalCode !== null) return;
    const ended = new Promise((resolve) => child.once('exit', resolve));
    // The group is killed whole: Chromium is many processes. SIGTERM goes to the first alone, which ends the rest.
    process.kill(signal === 'SIGKILL' ? -child.pid : child.pid, signal);
    await ended;
    await this.browser?.close().catch(() => undefined);
  }
}
