/**
 * One question to the cluster's API server, before there is anything that a client could be configured with.
 * In: where it is, its certificate, a token, a path. Out: status and body; null while it does not answer.
 */
import { existsSync, readFileSync } from 'node:fs';
import { request } from 'node:https';

const ANSWERS_WITHIN_MS = 2_000;

export interface ApiServer {
  readonly port: number;
  /** Path of its certificate, which it writes at its first start. */
  readonly certificate: string;
  readonly token: string;
}

export interface ApiAnswer {
  readonly status: number;
  readonly body: string;
}

export function askApi(server: ApiServer, path: string): Promise<ApiAnswer | null> {
  if (!existsSync(server.certificate)) return Promise.resolve(null);
  return new Promise((resolve) => {
    const asked = request(
      {
        host: '127.0.0.1',
        port: server.port,
        path,
        ca: readFileSync(server.certificate),
        headers: { authorization: `Bearer ${server.token}` },
        agent: false,
        timeout: ANSWERS_WITHIN_MS,
      },
      (response) => {
        let body = '';
        response.setEncoding('utf8');
        response.on('data', (text: string) => {
          body += text;
        });
        response.once('end', () => resolve({ status: response.statusCode ?? 0, body }));
        response.once('error', () => resolve(null));
      },
    );
    asked.once('timeout', () => asked.destroy(new Error('no answer')));
    asked.once('error', () => resolve(null));
    asked.end();
  });
}
