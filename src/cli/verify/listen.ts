import { createServer, type Server } from 'node:http';

export interface Listen {
  readonly host: string;
  readonly port: number;
}

/** `host:port`, `[v6]:port`; undefined for anything else. */
export function listenAddress(text: string): Listen | undefined {
  const [, host = '', port = ''] = /^(?:\[?)([^\]]*?)(?:\]?):(\d{1,5})$/.exec(text) ?? [];
  const number = Number(port);
  return host === '' || port === '' || number > 65_535 ? undefined : { host, port: number };
}

/** Serves `/metrics`; resolves when it listens, rejects when it cannot. */
export function serveMetrics(text: () => Promise<string>, { host, port }: Listen): Promise<Server> {
  const server = createServer((request, response) => {
    if (request.url !== '/metrics') {
      response.writeHead(404).end();
      return;
    }
    text().then(
      (body) => response.writeHead(200, { 'content-type': 'text/plain; version=0.0.4; charset=utf-8' }).end(body),
      () => response.writeHead(500).end(),
    );
  });
  return new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, host, () => resolve(server));
  });
}
