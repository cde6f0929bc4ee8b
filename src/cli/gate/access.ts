import { existsSync } from 'node:fs';
import { InvalidArgumentError } from 'commander';
import { isLoopback } from './loopback.js';
import type { Access } from '../../http/request.js';
import type { PrometheusServer } from '../../model/platform.js';
import { CliError, EXIT } from '../exit-codes.js';

/** How the server is asked, as options; each stands in for the platform's config. */
export interface AccessOptions {
  readonly prometheus?: string;
  readonly bearerTokenFile?: string;
  readonly username?: string;
  readonly passwordFile?: string;
  readonly caFile?: string;
  readonly certFile?: string;
  readonly keyFile?: string;
  readonly header?: Readonly<Record<string, string>>;
}

/** Collects `--header 'X-Scope-OrgID: acme'`, which may be given more than once. */
export function headerOption(text: string, before: Readonly<Record<string, string>> = {}): Record<string, string> {
  const [, name, value] = /^([A-Za-z0-9-]+):\s*(\S.*)$/.exec(text) ?? [];
  if (name === undefined || value === undefined) {
    throw new InvalidArgumentError("A header is a name and a value: 'X-Scope-OrgID: acme'.");
  }
  return { ...before, [name]: value };
}

/**
 * What the options say, and for what they leave out the platform's config. An address of the command line's own takes
 * nothing from the config: a secret goes to no other server than it is meant for.
 */
export function accessOf(options: AccessOptions, configured: PrometheusServer | undefined): Access {
  const url = options.prometheus ?? configured?.url;
  if (url === undefined) {
    throw new CliError(
      EXIT.usage,
      'no server to ask. Give --prometheus URL, or the platform’s config monitoring.prometheus.url.',
    );
  }
  const base = options.prometheus === undefined ? configured : undefined;
  const { username, passwordFile } = options;
  if ((username === undefined) !== (passwordFile === undefined)) {
    throw new CliError(EXIT.usage, '--username and --password-file go together.');
  }
  if ((options.certFile === undefined) !== (options.keyFile === undefined)) {
    throw new CliError(EXIT.usage, '--cert-file and --key-file go together.');
  }
  const basic = username !== undefined && passwordFile !== undefined ? { username, passwordFile } : undefined;
  if (basic !== undefined && options.bearerTokenFile !== undefined) {
    throw new CliError(EXIT.usage, 'either --bearer-token-file or --username, not both.');
  }
  const chosen = basic !== undefined || options.bearerTokenFile !== undefined ? options : base;
  const { caFile = base?.tls?.caFile, certFile = base?.tls?.certFile, keyFile = base?.tls?.keyFile } = options;
  const bearerTokenFile = chosen?.bearerTokenFile;
  const password = basic ?? (bearerTokenFile === undefined ? base?.basic : undefined);
  const access: Access = {
    url: checked(url),
    ...(bearerTokenFile !== undefined && { bearerTokenFile }),
    ...(password !== undefined && { basic: password }),
    tls: {
      ...(caFile !== undefined && { caFile }),
      ...(certFile !== undefined && { certFile }),
      ...(keyFile !== undefined && { keyFile }),
    },
    headers: { ...base?.headers, ...options.header },
  };
  checkSecrets(access);
  return access;
}

function checked(url: string): string {
  const parsed = URL.parse(url);
  if (parsed === null || !/^https?:$/.test(parsed.protocol)) {
    throw new CliError(
      EXIT.usage,
      `--prometheus: "${url}" is no address. Allowed: http:// or https://, host and path prefix.`,
    );
  }
  if (parsed.username + parsed.password !== '') {
    throw new CliError(
      EXIT.usage,
      '--prometheus: the address names a user, and would be kept. Use --username and --password-file.',
    );
  }
  if (parsed.search + parsed.hash !== '') {
    throw new CliError(EXIT.usage, `--prometheus: "${url}" has a query or a fragment. Allowed: host and path prefix.`);
  }
  return url;
}

function checkSecrets({ url, bearerTokenFile, basic, tls }: Access): void {
  for (const file of [bearerTokenFile, basic?.passwordFile, tls?.caFile, tls?.certFile, tls?.keyFile]) {
    if (file !== undefined && !existsSync(file)) throw new CliError(EXIT.usage, `there is no file ${file}.`);
  }
  const { protocol, hostname } = new URL(url);
  if ((bearerTokenFile ?? basic) !== undefined && protocol === 'http:' && !isLoopback(hostname)) {
    throw new CliError(EXIT.usage, `a secret is not sent to ${hostname} in the clear. Use https://.`);
  }
}
