// A device without a screen: enrols and asks over the wire, as the app does.
import { generateKeyPairSync, sign, type KeyObject } from 'node:crypto';

export class Device {
  private constructor(
    private readonly url: string,
    private readonly token: string,
  ) {}

  /** Enrols with a one-time code and opens a session. */
  static async enrol(url: string, code: string, name = 'walk'): Promise<Device> {
    const { publicKey, privateKey } = generateKeyPairSync('ed25519');
    const { device } = await post(url, 'enrol', { code, public_key: raw(publicKey), name });
    const { challenge } = await post(url, 'challenge', { device });
    const message = Buffer.concat([Buffer.from('loket session 1'), Buffer.from(challenge, 'hex')]);
    const signature = sign(null, message, privateKey).toString('hex');
    const { token } = await post(url, 'session', { device, challenge, signature });
    return new Device(url, token);
  }

  /** `GET /api/v1/{call}`, taking what browsers take over TLS. */
  async get(call: string): Promise<any> {
    const headers = { authorization: `Bearer ${this.token}`, 'accept-encoding': 'gzip, deflate, br' };
    const answer = await fetch(`${this.url}/api/v1/${call}`, { headers });
    return json(answer, call);
  }
}

async function post(url: string, call: string, body: object): Promise<any> {
  const headers = { 'content-type': 'application/json' };
  return json(await fetch(`${url}/api/v1/${call}`, { method: 'POST', headers, body: JSON.stringify(body) }), call);
}

async function json(answer: Response, call: string): Promise<any> {
  const text = await answer.text();
  if (!answer.ok) throw new Error(`${call}: ${answer.status} ${text}`);
  return JSON.parse(text);
}

/** The 32 bytes of an Ed25519 public key, in hex; they end its DER form. */
function raw(key: KeyObject): string {
  return key.export({ format: 'der', type: 'spki' }).subarray(-32).toString('hex');
}
