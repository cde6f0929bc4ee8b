import { readFileSync, writeFileSync } from 'node:fs';
import { kwokStages } from '../manifests.js';
import { LabError } from '../errors.js';

const ADDRESSES = /^ *\{\{ \$podIPs := [\s\S]*?\{\{ end \}\}\n *\{\{ end \}\}\n/m;

/** Writes kwok's stages without the one thing that a data plane does itself: a pod's addresses. Returns the path. */
export function stagesWithoutAddresses(file: string): string {
  const stages = readFileSync(kwokStages(), 'utf8');
  const without = stages.replace(ADDRESSES, '');
  if (without === stages || without.includes('podIP')) throw new LabError('the stages of kwok are not as expected');
  writeFileSync(file, without);
  return file;
}
