// Stands between browser and server: counts what crosses, publishes a "next version" of the app, breaks files.
import { createHash } from 'node:crypto';
import { createServer, request, type IncomingMessage, type Server as Http, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Server } from './server';

/** One answer as it crossed: bytes of head and body, compressed as sent. */
export type Crossing = { method: string; path: string; status: number; encoding: string; bytes: number };

export class Front {
  readonly crossings: Crossing[] = [];
  private readonly http: Http;
  private next: Map<string, { body: Buffer; type: string }> | undefined;
  private readonly broken = new Set<string>();

  private constructor(private readonly server: Server) {
    this.http = createServer((from, to) => this.pass(from, to));
  }

  static async before(server: Server): Promise<Front> {
    const front = new Front(server);
    await new Promise<void>((done) => front.http.listen(0, '127.0.0.1', done));
    return front;
  }

  get url(): string {
    return `http://127.0.0.1:${(this.http.address() as AddressInfo).port}`;
  }

  /** From now on the server seems to have a newer app: the same, with a mark in index.html. Gives its version. */
  async publish(mark: string): Promise<string> {
    const page = await (await fetch(`${this.server.url}/index.html`)).text();
    const newPage = Buffer.from(page.replace('</body>', `<!-- ${mark} --></body>`));
    const worker = await (await fetch(`${this.server.url}/sw.js`)).text();
    const integrity = `sha256-${createHash('sha256').update(newPage).digest('base64')}`;
    const version = createHash('sha256').update(mark).digest('hex').slice(0, 16);
    const newWorker = worker
      .replace(/const VERSION = "[^"]*"/, `const VERSION = "${version}"`)
      .replace(/"\/index\.html": "[^"]*"/, `"/index.html": "${integrity}"`);
    this.next = new Map([
      ['/', { body: newPage, type: 'text/html; charset=utf-8' }],
      ['/index.html', { body: newPage, type: 'text/html; charset=utf-8' }],
      ['/sw.js', { body: Buffer.from(newWorker), type: 'text/javascript; charset=utf-8' }],
    ]);
    return version;
  }

  /** This file is answered with 503 until mended. */
  break(path: string): void {
    this.broken.add(path);
  }

  mend(path: string): void {
    this.broken.delete(path);
  }

  async discard(): Promise<void> {
    this.http.closeAllConnections();
    await new Promise((done) => this.http.close(done));
  }

  private pass(from: IncomingMessage, to: ServerResponse): void {
    const path = new URL(from.url ?? '/', 'http://front').pathname;
    if (this.broken.has(path)) {
      to.writeHead(503).end();
      return;
    }
    const own = this.next?.get(path);
    if (own !== undefined) {
      to.writeHead(200, { 'content-type': own.type, 'cache-control': 'no-cache' }).end(own.body);
      return;
    }
    const { port } = this.server;
    const onward = request({ port, host: '127.0.0.1', path: from.url, method: from.method, headers: from.headers });
    onward.on('response', (answer) => {
      const head = `HTTP/1.1 ${answer.statusCode} ${answer.statusMessage}\r\n`.length + headBytes(answer.rawHeaders);
      const crossing = {
        method: from.method ?? '',
        path,
        status: answer.statusCode ?? 0,
        encoding: answer.headers['content-encoding'] ?? '',
        bytes: head,
      };
      this.crossings.push(crossing);
      answer.on('data', (chunk: Buffer) => (crossing.bytes += chunk.length));
      to.writeHead(answer.statusCode ?? 502, answer.rawHeaders);
      answer.pipe(to);
    });
    // A server that is gone looks to the browser like one that is gone.
    onward.on('error', () => from.socket.destroy());
    from.pipe(onward);
  }
}

function headBytes(raw: string[]): number {
  // Per header: name, ": ", value, line end; and the empty line that ends the head.
  return raw.reduce((sum, text) => sum + text.length, 0) + (raw.length / 2) * 4 + 2;
}
