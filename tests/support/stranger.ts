// A client by somebody who has read ARCHITECTURE.md and nothing else: node's Ed25519, npm's Automerge and a CBOR codec.
import { createHash, generateKeyPairSync, randomBytes, sign, type KeyObject } from 'node:crypto';
import { gzipSync } from 'node:zlib';
import * as Automerge from '@automerge/automerge';
import { decode, encode } from 'cborg';

export type Content = Record<string, Automerge.ImmutableString>;
export type Doc = Automerge.Doc<Content>;
/** `[kind, office, round, unit, instrument, nonce]`, as it came; a visit has no nonce, and ends before it. */
export type Genesis = [number, string, string, string, Uint8Array, Uint8Array?];

const MEDIA_TYPE = 'application/cbor';

export class Stranger {
  private constructor(
    private readonly url: string,
    private readonly key: KeyObject,
    /** The first 16 bytes of SHA-256 over the public key. */
    readonly device: Buffer,
    private readonly token: string,
  ) {}

  static async enrol(url: string, code: string): Promise<Stranger> {
    const { publicKey, privateKey } = generateKeyPairSync('ed25519');
    const raw = Buffer.from(publicKey.export({ format: 'jwk' }).x!, 'base64url');
    const device = sha256(raw).subarray(0, 16);
    const name = 'Klien lain';
    const enrolled = await json(url, 'enrol', { code, public_key: raw.toString('hex'), name });
    if (enrolled.device !== device.toString('hex')) throw new Error('the device is named otherwise');
    const { challenge } = await json(url, 'challenge', { device: device.toString('hex') });
    const message = Buffer.concat([Buffer.from('loket session 1'), Buffer.from(challenge, 'hex')]);
    const signature = sign(null, message, privateKey).toString('hex');
    const { token } = await json(url, 'session', { device: device.toString('hex'), challenge, signature });
    return new Stranger(url, privateKey, device, token);
  }

  async streams(): Promise<string[]> {
    const answer = await fetch(`${this.url}/api/v1/home`, { headers: this.headers() });
    return ((await answer.json()) as { streams: string[] }).streams;
  }

  /** Everything in a stream: the records, and their changes in the order of the log. */
  async pull(stream: string): Promise<{ genesis: Genesis; hash: string; bytes: Uint8Array | null }[]> {
    const changes = [];
    for (let after = 0, more = true; more; ) {
      const query = `stream=${stream}&after=${after}`;
      const answer = await fetch(`${this.url}/api/v1/pull?${query}`, { headers: this.headers() });
      if (!answer.ok) throw new Error(await answer.text());
      const [, upto, goesOn, , , geneses, entries] = decode(new Uint8Array(await answer.arrayBuffer()));
      for (const [, at, hash, bytes] of entries) changes.push({ genesis: geneses[at], hash: hex(hash), bytes });
      [after, more] = [upto, goesOn];
    }
    return changes;
  }

  /** Sends one change, signed and compressed as a batch; gives its outcome. */
  async push(genesis: Genesis, change: Uint8Array): Promise<unknown> {
    const time = Math.floor(Date.now() / 1000);
    const epoch = Buffer.alloc(16);
    const seconds = Buffer.alloc(8);
    seconds.writeBigInt64BE(BigInt(time));
    const hash = Buffer.from(Automerge.decodeChange(change).hash, 'hex');
    const message = Buffer.concat([Buffer.from('loket batch 1'), this.device, seconds, epoch, hash]);
    const signature = sign(null, message, this.key);
    const attestation = [bytes(this.device), bytes(epoch), time, bytes(signature)];
    const body = gzipSync(encode([attestation, [genesis], [[0, change]]]));
    const headers = { ...this.headers(), 'content-type': MEDIA_TYPE, 'content-encoding': 'gzip' };
    const answer = await fetch(`${this.url}/api/v1/push`, { method: 'POST', headers, body });
    if (!answer.ok) throw new Error(await answer.text());
    const [, [outcome]] = decode(new Uint8Array(await answer.arrayBuffer()));
    return outcome;
  }

  /** A record out of its changes; the first one travels on no wire, it follows from the genesis. */
  open(genesis: Genesis, changes: Uint8Array[]): Doc {
    const actor = Buffer.concat([this.device, randomBytes(8)]).toString('hex');
    const empty = Automerge.init<Content>({ actor });
    return Automerge.applyChanges(empty, [firstChange(genesis), ...changes])[0];
  }

  private headers(): Record<string, string> {
    return { authorization: `Bearer ${this.token}`, accept: MEDIA_TYPE };
  }
}

/** One text under `/record`, by an actor of one zero byte, at time 0. */
export function firstChange([kind, office, round, unit, instrument, nonce]: Genesis): Uint8Array {
  const said = [kind === 0 ? 'visit' : 'interview', office, round, unit, hex(instrument)];
  if (nonce) said.push(hex(nonce));
  const blank = Automerge.init<Content>({ actor: '00' });
  const made = Automerge.change(blank, { time: 0 }, (doc) => {
    doc['/record'] = new Automerge.ImmutableString(said.join(' '));
  });
  return Automerge.getLastLocalChange(made)!;
}

async function json(url: string, call: string, body: object): Promise<any> {
  const headers = { 'content-type': 'application/json' };
  const answer = await fetch(`${url}/api/v1/${call}`, { method: 'POST', headers, body: JSON.stringify(body) });
  if (!answer.ok) throw new Error(`${call}: ${await answer.text()}`);
  return answer.json();
}

function sha256(data: Uint8Array): Buffer {
  return createHash('sha256').update(data).digest();
}

function hex(data: Uint8Array): string {
  return Buffer.from(data).toString('hex');
}

/** A plain view, which the codec writes as bytes. */
function bytes(data: Buffer): Uint8Array {
  return new Uint8Array(data);
}
