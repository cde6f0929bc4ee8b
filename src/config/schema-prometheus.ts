import { z } from 'zod';
import { oneOf, show, strict } from './values.js';

const file = z.string().min(1, 'the path of a file.');

/** A path prefix may follow the host; what a secret would be in, may not. */
const baseUrl = z.string().refine(
  (value) => {
    const url = URL.parse(value);
    return url !== null && /^https?:$/.test(url.protocol) && url.username + url.password + url.search + url.hash === '';
  },
  {
    error: (issue) =>
      `${show(issue.input)} is not the address of a Prometheus. Allowed: http:// or https://, host and path prefix, without user, query or fragment.`,
  },
);

const isRegularExpression = (value: string): boolean => {
  try {
    new RegExp(value);
    return true;
  } catch {
    return false;
  }
};

export const prometheusSchema = strict({
  url: baseUrl.meta({ description: 'A path prefix included: https://mimir.example.com/prometheus.' }),
  bearerTokenFile: file.optional().meta({ description: 'Read again for each request.' }),
  basic: strict({ username: z.string().min(1), passwordFile: file }).optional(),
  tls: strict({ caFile: file.optional(), certFile: file.optional(), keyFile: file.optional() })
    .refine((value) => (value.certFile === undefined) === (value.keyFile === undefined), {
      error: 'certFile and keyFile go together.',
    })
    .optional(),
  headers: z
    .record(z.string().regex(/^[A-Za-z0-9-]+$/), z.string())
    .optional()
    .meta({ description: 'For example X-Scope-OrgID. No secrets: they are shown.' }),
  networkSource: oneOf(['hubble', 'none']).optional().meta({
    description: 'Who records flows besides the SDKs. none: nobody can, a limitation that every answer names.',
  }),
  jobs: z
    .string()
    .default('.*portarium.*')
    .refine(isRegularExpression, { error: (issue) => `${show(issue.input)} is no regular expression.` })
    .meta({ description: 'Regular expression of the scrape jobs that must succeed.' }),
})
  .refine((value) => value.bearerTokenFile === undefined || value.basic === undefined, {
    error: 'either "bearerTokenFile" or "basic", not both.',
  })
  .meta({ description: 'Where `enforce gate` asks. Secrets are files of the machine that it runs on.' });
