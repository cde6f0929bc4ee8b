import { InvalidArgumentError, Option, type Command } from 'commander';
import { loadStacks } from '../../config/load.js';
import { suggest } from '../../config/messages.js';
import { CLAIMS, worst, type ClaimName } from '../../prove/claims/claim.js';
import type { Proof } from '../../prove/claims/prove.js';
import { withPreflight } from '../../prove/claims/with-preflight.js';
import { clusterOptions, type ClusterOptions } from '../cluster.js';
import { CliError, EXIT, type ExitCode } from '../exit-codes.js';
import { createOutput, type Output } from '../output.js';
import { readClusterForProof, readManifestsAt } from '../read-objects.js';
import { parseLevel, type StackOptions } from '../stack.js';
import { EXPLAIN, explainTo } from './explain.js';
import { markdownOf, showProof } from './show.js';
import { checkKeeping, proveStack, type Source } from './stack-proof.js';
import { proveObjects, renderedInput } from './subject.js';

interface ProveOptions extends ClusterOptions, Omit<StackOptions, 'stack'> {
  readonly stack?: string;
  readonly manifests?: string;
  readonly cluster?: boolean;
  readonly intent?: string;
  readonly vaultEvidence?: string;
  readonly claims?: readonly ClaimName[];
  readonly explain?: readonly string[];
  readonly markdown?: boolean;
  readonly out?: string;
  readonly signingKey?: string;
}

export function proveCommand(program: Command): void {
  clusterOptions(program.command('prove'))
    .summary('prove that agents have no way around the control plane, or show one')
    .description(
      'Judges every pod that could exist in the namespaces of agents, not only those that do, by five claims. Without --manifests and --cluster it proves stacks as they render, each step of their updates included. Exit code 0 when every claim is proved, 5 when one is refuted, 10 when one could not be settled or is not claimed at the level.',
    )
    .option('--stack <name>', 'one workspace’s stack; without --manifests and --cluster all of them otherwise')
    .option('--level <level>', 'another level than the config’s', parseLevel)
    .option('--stacks <dir>', 'folder of the stack files', 'stacks')
    .option('--manifests <dir>', 'judge the objects of a folder of YAML and JSON files, or of one file')
    .option('--cluster', 'judge the objects of the live cluster')
    .addOption(
      new Option('--intent <file>', 'what must be open and nothing else; by default the stack’s own').conflicts(
        'stack',
      ),
    )
    .option('--vault-evidence <file>', 'what Vault gives to agents, as somebody read it who may (docs/prove.md)')
    .option('--claims <names>', `settle only these, as in P,D: ${Object.keys(CLAIMS).join(', ')}`, parseClaims)
    .option('--explain <words...>', `walk the verdict about one packet: ${EXPLAIN}`)
    .option('--markdown', 'answer as a table for reports')
    .option('--out <dir>', 'keep the proof of each stack in this folder')
    .option('--signing-key <file>', 'sign what is kept: an Ed25519 private key as PEM')
    .option('--json', 'answer as one JSON document')
    .action(async (options: ProveOptions) => {
      const output = createOutput(options.json ?? false);
      checkKeeping(options);
      if (options.explain)
        return explainTo(output, options.explain, (await sourceOf(options)).input ?? renderedInput(options));
      const proofs = (await prove(options, output)).map((proof) => only(proof, options.claims));
      output.result({ proofs });
      for (const proof of proofs) {
        if (options.markdown) output.line(markdownOf(proof));
        else showProof(proof, output);
      }
      const verdict = worst(proofs.map((proof) => proof.verdict));
      const code = EXIT_CODES[verdict];
      if (code !== EXIT.ok) process.exitCode = code;
    });
}

const EXIT_CODES: Readonly<Record<Proof['verdict'], ExitCode>> = {
  proved: EXIT.ok,
  refuted: EXIT.policy,
  inconclusive: EXIT.inconclusive,
  'not claimed': EXIT.inconclusive,
};

async function sourceOf(options: ProveOptions): Promise<Source> {
  const { manifests, cluster = false } = options;
  if (manifests !== undefined && cluster) {
    throw new CliError(EXIT.usage, '--manifests and --cluster are two sources. Name one.');
  }
  if (manifests !== undefined) return { input: readManifestsAt(manifests) };
  return cluster ? readClusterForProof(options, namespaceOf(options)) : {};
}

/** Where the agents of the stack live that is named. */
const namespaceOf = ({ stack, stacks }: ProveOptions): string | undefined =>
  stack === undefined
    ? undefined
    : loadStacks({ dir: stacks }).workspaces.find((workspace) => workspace.stack === stack)?.namespace;

async function prove(options: ProveOptions, output: Output): Promise<readonly Proof[]> {
  const { manifests, cluster = false, stack, intent } = options;
  const from = new Date();
  const source = await sourceOf(options);
  if (stack !== undefined) return [proveStack({ ...options, stack }, source, from, output)];
  if (source.input !== undefined) {
    const proof = proveObjects(manifests ?? 'the cluster', source.input, cluster, intent);
    return ['preflight' in source ? withPreflight(proof, source.preflight) : proof];
  }
  if (intent !== undefined) throw new CliError(EXIT.usage, '--intent needs --manifests or --cluster.');
  return loadStacks({ dir: options.stacks }).workspaces.map((workspace) =>
    proveStack({ ...options, stack: workspace.stack }, source, from, output),
  );
}

function parseClaims(text: string): readonly ClaimName[] {
  const known = Object.keys(CLAIMS) as ClaimName[];
  return text.split(',').map((name) => {
    const found = known.find((claim) => claim === name.trim());
    if (found === undefined) throw new InvalidArgumentError(suggest(name, known));
    return found;
  });
}

function only(proof: Proof, wanted: readonly ClaimName[] | undefined): Proof {
  if (wanted === undefined) return proof;
  const claims = proof.claims.filter(({ claim }) => wanted.includes(claim));
  return { ...proof, claims, zeroBypass: false, verdict: worst(claims.map(({ verdict }) => verdict)) };
}
