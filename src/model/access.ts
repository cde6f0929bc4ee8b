/** How a server is asked and believed. Secrets are files, read again for each request; none appears in an error. */
export interface Access {
  /** Base URL, a path prefix included: `https://mimir.example.com/prometheus`. */
  readonly url: string;
  readonly bearerTokenFile?: string;
  readonly basic?: { readonly username: string; readonly passwordFile: string };
  /** PEM files. @default - the machine's authorities, no client certificate */
  readonly tls?: { readonly caFile?: string; readonly certFile?: string; readonly keyFile?: string };
  /** For example `X-Scope-OrgID`. */
  readonly headers?: Readonly<Record<string, string>>;
}
