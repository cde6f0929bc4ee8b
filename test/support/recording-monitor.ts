import { runtime } from '@pulumi/pulumi';
import type { RegisterResourceRequest } from '@pulumi/pulumi/proto/resource_pb.js';
import { setMocks, type MockMonitor } from '@pulumi/pulumi/runtime/mocks.js';
import { deserializeProperties, isRpcSecret, unwrapRpcSecret } from '@pulumi/pulumi/runtime/rpc.js';
import { getMonitor } from '@pulumi/pulumi/runtime/settings.js';

export const PROJECT = 'portarium';

/** One registration as the engine would receive it: with the options that Pulumi's own mocks leave out. */
export interface Registration {
  readonly urn: string;
  readonly type: string;
  readonly name: string;
  /** Inputs, with secrets unwrapped. */
  readonly inputs: Readonly<Record<string, unknown>>;
  /** Top-level inputs that are marked secret. */
  readonly secrets: readonly string[];
  /** URNs, sorted. */
  readonly dependencies: readonly string[];
  readonly protect: boolean;
  readonly retainOnDelete: boolean;
  readonly deleteBeforeReplace: boolean;
  readonly parent: string;
  readonly provider: string;
  /** `type` and `name` of each; what is absent is as now. */
  readonly aliases: readonly { readonly type?: string; readonly name?: string }[];
  /** Names of the hooks that run before the resource is created, or updated. */
  readonly beforeCreate: readonly string[];
  readonly beforeUpdate: readonly string[];
  readonly timeouts: { readonly create: string; readonly update: string; readonly delete: string };
}

export interface Recording {
  readonly registrations: readonly Registration[];
  /** Names of the functions that were invoked, in order. */
  readonly invokes: readonly string[];
}

export interface RecordingOptions {
  readonly stack: string;
  /** Answers of invoked functions. @default - every one fails */
  readonly invoke?: (token: string, inputs: Record<string, unknown>) => Record<string, unknown>;
  /** As `pulumi config` has it, with namespace. @default none */
  readonly config?: Readonly<Record<string, string>>;
  readonly preview?: boolean;
}

/**
 * Runs `program` against Pulumi's own mock monitor and records every registration whole, in the order in which the
 * monitor received them. Uses internals of the SDK; nothing else in the tests does.
 */
export async function record(options: RecordingOptions, program: () => unknown): Promise<Recording> {
  const registrations: Registration[] = [];
  const invokes: string[] = [];
  await setMocks(
    {
      newResource: ({ name, inputs }) => ({ id: `${name}-id`, state: inputs as Record<string, unknown> }),
      call: ({ token, inputs }) => {
        invokes.push(token);
        if (options.invoke === undefined) throw new Error(`unexpected invoke of ${token}`);
        return options.invoke(token, inputs as Record<string, unknown>);
      },
    },
    PROJECT,
    options.stack,
    options.preview ?? false,
    'organization',
  );
  runtime.setAllConfig({ ...options.config }, []);
  const monitor = getMonitor() as unknown as MockMonitor;
  const register = monitor.registerResource.bind(monitor);
  monitor.registerResource = async (request: RegisterResourceRequest, callback: never): Promise<void> => {
    registrations.push(registrationOf(request, options.stack));
    await register(request, callback);
  };
  Object.assign(monitor, { registerResourceHook: (_: unknown, callback: (error: null) => void) => callback(null) });
  await program();
  await runtime.disconnect();
  return { registrations, invokes };
}

function registrationOf(request: RegisterResourceRequest, stack: string): Registration {
  const inputs = deserializeProperties(request.getObject()!, true) as Record<string, unknown>;
  const timeouts = request.getCustomtimeouts();
  const type = request.getType();
  const name = request.getName();
  return {
    urn: `urn:pulumi:${stack}::${PROJECT}::${type}::${name}`,
    type,
    name,
    inputs: Object.fromEntries(Object.entries(inputs).map(([key, value]) => [key, unwrapRpcSecret(value) as unknown])),
    secrets: Object.keys(inputs).filter((key) => isRpcSecret(inputs[key])),
    dependencies: request.getDependenciesList().toSorted(),
    protect: request.getProtect() ?? false,
    retainOnDelete: request.getRetainondelete() ?? false,
    deleteBeforeReplace: request.getDeletebeforereplace(),
    parent: request.getParent(),
    provider: request.getProvider(),
    aliases: request.getAliasesList().map((alias) => {
      const spec = alias.getSpec();
      const [aliasType, aliasName] = [spec?.getType() ?? '', spec?.getName() ?? ''];
      return { ...(aliasType && { type: aliasType }), ...(aliasName && { name: aliasName }) };
    }),
    beforeCreate: request.getHooks()?.getBeforeCreateList() ?? [],
    beforeUpdate: request.getHooks()?.getBeforeUpdateList() ?? [],
    timeouts: {
      create: timeouts?.getCreate() ?? '',
      update: timeouts?.getUpdate() ?? '',
      delete: timeouts?.getDelete() ?? '',
    },
  };
}
