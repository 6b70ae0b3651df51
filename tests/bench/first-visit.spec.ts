// What a first visit transfers: all that crosses between a fresh browser and the server until the app, kept whole
// for working without a network, and the instruments are on the device. Compressed as sent, heads included.
import { PHONE } from '../support/browser';
import { Device } from '../support/device';
import { Front, type Crossing } from '../support/front';
import { expect, test } from '../support/walk';

const GOAL = 700;

test.use(PHONE);

test('a first visit transfers at most 700 kB', async ({ page, server }) => {
  const front = await Front.before(server);
  await page.goto(front.url);
  await page.evaluate(async () => {
    await navigator.serviceWorker.ready;
  });
  // A phone's browser fetches these where a person puts Loket on the home screen.
  for (const icon of ['icon-192.png', 'icon-512.png', 'maskable-512.png']) await fetch(`${front.url}/icons/${icon}`);
  const device = await Device.enrol(front.url, await server.code({ person: 'Sari' }));
  const { instruments } = await device.get('home');
  await device.get(`instruments/${instruments.visit}`);
  await device.get(`instruments/${instruments.interview}`);
  await front.discard();

  const whole = sum(front.crossings);
  const rest = new Set(front.crossings);
  for (const [name, belongs] of KINDS) {
    const mine = [...rest].filter((crossing) => belongs(crossing.path));
    mine.forEach((crossing) => rest.delete(crossing));
    print(name, sum(mine), `${mine.length} answers`);
  }
  print('other', sum([...rest]), `${rest.size} answers`);
  print('first visit in all', whole, `goal <= ${GOAL} kB`);
  expect(front.crossings.filter((crossing) => crossing.status >= 400)).toEqual([]);
  expect(front.crossings.some((crossing) => crossing.path.endsWith('.packed') && crossing.encoding === 'br')).toBe(true);
  expect(whole).toBeLessThanOrEqual(GOAL * 1000);
});

const KINDS: [string, (path: string) => boolean][] = [
  ['wasm, packed', (path) => path.endsWith('.packed')],
  ['javascript', (path) => path.endsWith('.js')],
  ['styles', (path) => path.endsWith('.css')],
  ['pages', (path) => path === '/' || path.endsWith('.html')],
  ['icons and manifest', (path) => path.startsWith('/icons/') || path.endsWith('.webmanifest')],
  ['instruments', (path) => path.startsWith('/api/v1/instruments/')],
];

function sum(crossings: Crossing[]): number {
  return crossings.reduce((bytes, crossing) => bytes + crossing.bytes, 0);
}

function print(name: string, bytes: number, note: string): void {
  console.log(`${name.padEnd(20)} ${(bytes / 1000).toFixed(1).padStart(7)} kB  ${note}`);
}
