// Somebody else's client on the same wire: it reads what the app wrote, writes, and the app shows it by itself.
import * as Automerge from '@automerge/automerge';
import { Stranger, firstChange } from '../support/stranger';
import { eventually } from '../support/eventually';
import { BONTANG, phone, Surveyor } from '../support/surveyor';
import { expect, test } from '../support/walk';

const FINDING = 'Temuan penting';
const BY_THE_APP = 'Papan biaya belum dipasang';
const BY_THE_STRANGER = 'Papan biaya sudah dipasang';

test('a client by a stranger reads a record, writes in it, and the phone shows it within seconds', async ({
  browser,
  server,
}) => {
  const rina = await Surveyor.enrol(await (await phone(browser)).newPage(), server, 'Rina');
  await rina.openVisit(BONTANG);
  await rina.openSection('Penutup');
  await rina.write(FINDING, BY_THE_APP);
  await rina.toOverview();
  await rina.sendNow();

  const stranger = await Stranger.enrol(server.url, await server.code({ role: 'surveyor' }));
  const changes = await eventually(async () => {
    const all = await Promise.all((await stranger.streams()).map((stream) => stranger.pull(stream)));
    return all.flat().length > 0 ? all.flat() : undefined;
  });
  const genesis = changes[0]!.genesis;
  const first = Automerge.decodeChange(firstChange(genesis)).hash;
  expect(Automerge.decodeChange(changes[0]!.bytes!).deps).toEqual([first]);

  const doc = stranger.open(genesis, changes.map((change) => change.bytes!));
  const path = Object.keys(doc).find((path) => String(doc[path]) === BY_THE_APP);
  expect(path).toBeDefined();
  const edited = Automerge.change(doc, (doc) => {
    doc[path!] = new Automerge.ImmutableString(BY_THE_STRANGER);
  });
  await rina.openVisit(BONTANG);
  await rina.openSection('Penutup');
  const outcome = await stranger.push(genesis, Automerge.getLastLocalChange(edited)!);
  expect(outcome).toEqual([0, expect.any(Number)]);
  // Nobody presses anything: the server says that there is more.
  await expect(rina.field(FINDING)).toHaveValue(BY_THE_STRANGER, { timeout: 5_000 });
  expect(await stranger.push(genesis, Automerge.getLastLocalChange(edited)!)).toEqual([1, expect.any(Number)]);
});
