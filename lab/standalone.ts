import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

/**
 * Path of a script that stands alone, next to the module whose `import.meta.url` is given: compiled there, or, where
 * tests run the source, the source, whose types Node strips.
 */
export function standaloneScript(name: string, beside: string): string {
  const compiled = fileURLToPath(new URL(`./${name}.js`, beside));
  return existsSync(compiled) ? compiled : fileURLToPath(new URL(`./${name}.ts`, beside));
}
