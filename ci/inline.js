// Copies ci/preview-comment.js into the workflow that runs it: `node ci/inline.js`. A job without a checkout has no
// other way to get at it, and test/ci/workflows.test.ts fails when the two differ.
import { readFileSync, writeFileSync } from 'node:fs';

const workflow = new URL('../.github/workflows/preview-comment.yml', import.meta.url);
const script = readFileSync(new URL('preview-comment.js', import.meta.url), 'utf8');
const START = '          script: |\n';

const text = readFileSync(workflow, 'utf8');
const kept = text.slice(0, text.indexOf(START) + START.length);
writeFileSync(workflow, kept + script.replace(/^(?=.)/gm, ' '.repeat(12)));
