import { log, type CustomResourceOptions, type Input, type Output, type Resource } from '@pulumi/pulumi';
import * as dynamic from '@pulumi/pulumi/dynamic/index.js';
import type { Stack } from '../config/load.js';
import { MODEL_HASH } from '../model/authorization/model.js';
import { workspaceTuples } from '../model/authorization/tuples.js';
import type { Platform } from '../model/platform.js';
import { LEFT_ALONE, tryPublished } from './authorization.js';
import { Cluster } from './cluster.js';
import { recordOf, type Crud } from './pulumi-openfga-provider.js';

type Kind = 'store' | 'model' | 'tupleSet';

/**
 * A provider that is nothing but the way to `pulumi-openfga-provider.js` of the program that runs. The engine keeps a
 * provider's own code in the state and calls that on deletion and refresh; kept so small, it is the program's code that
 * runs, and neither libraries nor a key can get into the state. It captures a word and nothing else.
 */
function providerOf(kind: Kind): dynamic.ResourceProvider {
  const load = async (): Promise<Crud<unknown>> => {
    const [fs, path, url] = [
      process.getBuiltinModule('node:fs'),
      process.getBuiltinModule('node:path'),
      process.getBuiltinModule('node:url'),
    ];
    const file = ['bridge', 'dist/src/bridge', '../bridge']
      .map((folder) => path.join(process.cwd(), folder, 'pulumi-openfga-provider.js'))
      .find((candidate) => fs.existsSync(candidate));
    if (file === undefined) {
      throw new Error(
        `the program is not compiled: there is no dist/src/bridge in ${process.cwd()}. Run npm run build.`,
      );
    }
    const providers = (await import(url.pathToFileURL(file).href)) as Readonly<Record<Kind, Crud<unknown>>>;
    return providers[kind];
  };
  return {
    check: async (olds: unknown, news: unknown) => (await load()).check(olds, news),
    diff: async (id: string, olds: unknown, news: unknown) => (await load()).diff(id, olds, news),
    create: async (inputs: unknown) => (await load()).create(inputs),
    update: async (id: string, olds: unknown, news: unknown) => (await load()).update(id, olds, news),
    read: async (id: string, props?: unknown) => (await load()).read(id, props),
    delete: async (id: string, props: unknown) => (await load()).delete(id, props),
  };
}

type Inputs = Readonly<Record<string, Input<unknown>>>;

class Store extends dynamic.Resource {
  declare readonly storeId: Output<string>;
  constructor(name: string, inputs: Inputs, options: CustomResourceOptions) {
    super(providerOf('store'), name, { ...inputs, storeId: undefined }, options, 'openfga', 'Store');
  }
}

class Model extends dynamic.Resource {
  constructor(name: string, inputs: Inputs, options: CustomResourceOptions) {
    super(providerOf('model'), name, { ...inputs, modelId: undefined }, options, 'openfga', 'Model');
  }
}

class TupleSet extends dynamic.Resource {
  constructor(name: string, inputs: Inputs, options: CustomResourceOptions) {
    super(providerOf('tupleSet'), name, inputs, options, 'openfga', 'TupleSet');
  }
}

/**
 * OpenFGA's part of a stack, as resources: Store and Model of the platform, after the objects that they need, or the
 * TupleSet of a workspace, after nothing: a right that is taken away waits for no rollout.
 *
 * @param objects what the platform's stack has registered: server, CRD and admission come first
 */
export async function registerOpenFga(stack: Stack, objects: readonly Resource[]): Promise<void> {
  const { openfga } = stack.platform;
  if (openfga.api === undefined) {
    await log.info(LEFT_ALONE);
    return;
  }
  const place = placeOf(openfga.api);
  if (stack.kind === 'platform') {
    const options = { dependsOn: [...objects], protect: true, retainOnDelete: true };
    const { storeId } = new Store('openfga-store', { ...place, name: openfga.storeName }, options);
    new Model('openfga-model', { ...place, storeId, hash: MODEL_HASH }, { dependsOn: [...objects] });
    return;
  }
  const published = await tryPublishedHere();
  if (published === undefined) {
    await log.warn(
      `the authorization model ${MODEL_HASH.slice(0, 12)}… of this version is not published in the cluster, so no tuple is written. Deploy the platform’s stack of this version first.`,
    );
    return;
  }
  const { storeId, modelId } = published;
  const tuples = recordOf(workspaceTuples(stack.platform, stack.workspace));
  new TupleSet('openfga-tuples', { ...place, storeId, modelId, workspace: stack.workspace.id, tuples }, {});
}

const placeOf = ({ url, certificateAuthority }: NonNullable<Platform['openfga']['api']>) => ({
  url,
  ...(certificateAuthority !== undefined && { certificateAuthority }),
});

async function tryPublishedHere() {
  const cluster = await Cluster.connect();
  try {
    return await tryPublished(cluster);
  } catch {
    // The preflight has said already that there is no cluster to ask.
    return undefined;
  } finally {
    cluster.close();
  }
}
