// Serves the bare page of ODK Web Forms with the forms beside it: from memory, compressed once as well as Loket's own files.
import { readFile, readdir, stat } from 'node:fs/promises';
import { createServer, type Server as Http } from 'node:http';
import type { AddressInfo } from 'node:net';
import { extname, join, relative } from 'node:path';
import { promisify } from 'node:util';
import { brotliCompress } from 'node:zlib';

const TYPES: Record<string, string> = {
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.css': 'text/css; charset=utf-8',
  '.xml': 'text/xml; charset=utf-8',
  '.ico': 'image/x-icon',
};

export class FieldForms {
  private constructor(
    private readonly http: Http,
    readonly url: string,
  ) {}

  /** `page` holds the built page, `forms` the XForms. */
  static async serve(page: string, forms: string): Promise<FieldForms> {
    const files = new Map<string, { type: string; body: Buffer }>();
    for (const path of await within(page)) files.set(`/${relative(page, path)}`, await packed(path));
    for (const path of await within(forms)) {
      if (path.endsWith('.xml')) files.set(`/forms/${relative(forms, path)}`, await packed(path));
    }
    files.set('/', files.get('/index.html')!);
    const http = createServer((from, to) => {
      const found = files.get(new URL(from.url ?? '/', 'http://field').pathname);
      if (found === undefined) to.writeHead(404).end();
      else to.writeHead(200, { 'content-type': found.type, 'content-encoding': 'br' }).end(found.body);
    });
    await new Promise<void>((done) => http.listen(0, '127.0.0.1', done));
    return new FieldForms(http, `http://127.0.0.1:${(http.address() as AddressInfo).port}`);
  }

  async discard(): Promise<void> {
    this.http.closeAllConnections();
    await new Promise((done) => this.http.close(done));
  }
}

async function within(folder: string): Promise<string[]> {
  const names = await readdir(folder, { recursive: true });
  const paths = names.map((name) => join(folder, name));
  const files = await Promise.all(paths.map(async (path) => (await stat(path)).isFile()));
  return paths.filter((_, at) => files[at]);
}

async function packed(path: string): Promise<{ type: string; body: Buffer }> {
  const body = await promisify(brotliCompress)(await readFile(path));
  return { type: TYPES[extname(path)] ?? 'application/octet-stream', body };
}
