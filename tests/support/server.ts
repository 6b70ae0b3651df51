// A real Loket server for one walk: a data folder of its own, a free port, and everything a walk may do to it.
import { execFile, spawn, type ChildProcess } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { promisify } from 'node:util';
import { eventually } from './eventually';

const WORK_TREE = resolve(import.meta.dirname, '../..');
const LOKET = process.env.LOKET_BIN ?? join(WORK_TREE, 'target/debug/loket');
export const SAMPLE_UNITS = join(WORK_TREE, 'public/samples/units.csv');

export type Role = 'surveyor' | 'kiosk' | 'coordinator';
export type Grant = { role?: Role; unit?: string; office?: string; person?: string };

export class Server {
  private process: ChildProcess | undefined;
  private said = '';

  private constructor(
    /** The data folder: everything that the server keeps. */
    readonly data: string,
    readonly port: number,
  ) {}

  /** A server with the sample units, not started yet. */
  static async create(units: string | null = SAMPLE_UNITS): Promise<Server> {
    const data = await mkdtemp(join(tmpdir(), 'loket-data-'));
    const server = new Server(data, await freePort());
    if (units !== null) await server.loket('units', 'import', units);
    return server;
  }

  get url(): string {
    return `http://127.0.0.1:${this.port}`;
  }

  get running(): boolean {
    return this.process !== undefined;
  }

  /** Everything that the server has printed, from its first start on. */
  get output(): string {
    return this.said;
  }

  /** Starts it, on the same port and data as before, and waits until it answers. */
  async start(): Promise<void> {
    if (this.process !== undefined) throw new Error('the server runs already');
    const child = spawn(LOKET, ['serve', '--data', this.data, '--listen', `127.0.0.1:${this.port}`], {
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    this.process = child;
    const listen = (chunk: Buffer) => (this.said += chunk.toString());
    child.stdout!.on('data', listen);
    child.stderr!.on('data', listen);
    const failed = new Promise<never>((_, reject) => {
      child.once('error', reject);
      child.once('exit', (code) => reject(new Error(`loket ended with ${code}:\n${this.said}`)));
    });
    failed.catch(() => undefined);
    const answers = eventually(async () => (await fetch(`${this.url}/healthz`)).ok || undefined);
    await Promise.race([answers, failed]);
  }

  /** Stops it as an operator does (SIGTERM). */
  async stop(): Promise<void> {
    await this.end('SIGTERM');
  }

  /** `kill -9`. */
  async kill(): Promise<void> {
    await this.end('SIGKILL');
  }

  async restart(): Promise<void> {
    await this.stop();
    await this.start();
  }

  /** Runs `loket WORDS... --data DATA`, and gives what it prints. */
  async loket(...words: string[]): Promise<string> {
    const { stdout } = await promisify(execFile)(LOKET, [...words, '--data', this.data], { cwd: WORK_TREE });
    return stdout;
  }

  /** A one-time code that enrols a device. */
  async code(grant: Grant = {}): Promise<string> {
    const words = Object.entries(grant).flatMap(([name, value]) => [`--${name}`, value]);
    return (await this.loket('code', ...words)).split('\n')[0]!.trim();
  }

  /** Ends it and deletes its data. */
  async discard(): Promise<void> {
    await this.kill();
    await rm(this.data, { recursive: true, force: true, maxRetries: 5 });
  }

  private async end(signal: 'SIGTERM' | 'SIGKILL'): Promise<void> {
    const child = this.process;
    this.process = undefined;
    if (child === undefined || child.exitCode !== null || child.signalCode !== null) return;
    const ended = new Promise((done) => child.once('exit', done));
    child.kill(signal);
    await ended;
  }
}

async function freePort(): Promise<number> {
  const probe = createServer();
  await new Promise<void>((done) => probe.listen(0, '127.0.0.1', done));
  const address = probe.address();
  await new Promise((done) => probe.close(done));
  if (address === null || typeof address === 'string') throw new Error('no free port');
  return address.port;
}
