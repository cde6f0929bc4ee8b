import { build } from 'esbuild';
import { parseArgs } from 'node:util';

/**
 * Makes the authorizer one file that needs nothing beside it: `npm run bundle [-- --outfile FILE]`. Not minified, so
 * that a stack trace can be read; the licences of what is in it stand at its end.
 */
const { values } = parseArgs({ options: { outfile: { type: 'string', default: 'dist-bundle/authorizer.js' } } });

await build({
  entryPoints: ['src/authorizer/main.ts'],
  outfile: values.outfile,
  bundle: true,
  platform: 'node',
  target: 'node24',
  format: 'esm',
  legalComments: 'eof',
  // Packages in the older format ask for Node's own modules by require, which a module of this format has not.
  banner: { js: "import { createRequire } from 'node:module';\nconst require = createRequire(import.meta.url);" },
  logLevel: 'warning',
});

// What verifies from within (src/verify/probes) and what agents start behind (src/start-gate) run in the same image.
if (values.outfile === 'dist-bundle/authorizer.js') {
  await build({
    entryPoints: { 'probe-program': 'src/verify/probes/probe-program.ts', 'start-gate': 'src/start-gate/main.ts' },
    outdir: 'dist-bundle',
    bundle: true,
    platform: 'node',
    target: 'node24',
    format: 'esm',
    logLevel: 'warning',
  });
}
