import { setTimeout as sleep } from 'node:timers/promises';
import type { KeyPair } from '../../../lab/authority.js';
import { callOnce, type Answer, type Call, type Target } from '../../../lab/client.js';
import { Front, type FrontOptions } from '../../../src/cli/demo/front.js';
import { Stage } from '../../../src/cli/demo/stage.js';
import { createStandIns } from '../../../src/cli/demo/stand-ins.js';
import { approveRelaxation, listRelaxations } from '../../../src/bridge/relaxations.js';
import { relaxStack, undoRelaxing } from '../../../src/cli/relaxing.js';
import { deploy } from '../../../src/cli/engine.js';
import { createOutput, type Output } from '../../../src/cli/output.js';
import { editEnforcement } from '../../../src/config/edit.js';
import { loadStack } from '../../../src/config/load.js';
import type { FrontListener } from '../../../src/constructs/envoy/front-filters.js';
import type { Level } from '../../../src/model/levels.js';
import type { Platform } from '../../../src/model/platform.js';
import type { Workspace } from '../../../src/model/workspace.js';
import { authorizerProgram } from '../../support/authorizer.js';

const silent: Output = { ...createOutput(true), result: () => undefined, progress: () => undefined };

/** A lab with both sample workspaces deployed, and the front run from what the API server gives back. */
export interface Bench {
  readonly stage: Stage;
  readonly platform: Platform;
  readonly front: Front;
  /** Deploys a workspace's stack as it is now, as its deployer does. */
  deploy(workspace: 'ws-acme' | 'ws-globex'): Promise<void>;
  /** Takes a workspace to a level, as its deployer does. */
  climb(workspace: 'ws-acme' | 'ws-globex', level: Level): Promise<void>;
  /** Lists another tool: Dana approves, the deployer deploys. Resolves with the time at which it is deployed. */
  changePolicy(workspace: 'ws-acme', tool?: string): Promise<number>;
  /** Rolls a workspace back as its deployer and Bob do. Resolves with the time of the approval. */
  rollBack(workspace: 'ws-acme', to: '3'): Promise<number>;
  undo(workspace: 'ws-acme'): Promise<void>;
  /** A second front from the same objects. */
  another(options: { readonly withSvid: boolean }): Promise<{ readonly front: Front }>;
  /** @param options `plain`: without TLS */
  call(
    listener: FrontListener,
    who: Who,
    call?: Call,
    options?: { readonly plain?: boolean; readonly front?: Front },
  ): Promise<Answer>;
  end(): Promise<void>;
}

/** As whom a client comes. */
export interface Who {
  readonly identity?: KeyPair;
  /** @default - no TLS at all */
  readonly tls?: '1.2' | '1.3';
  /** @default - no token */
  readonly token?: string;
}

export interface BenchOptions {
  /** Whether SPIRE has the front's entry from the start. @default true */
  readonly withSvid?: boolean;
  readonly controlPlane?: FrontOptions['controlPlane'];
  /** What the authorizer asks in place of the stage's OpenFGA: a loopback port. */
  readonly openfga?: (stage: Stage) => Promise<number>;
  /** Called before anything is deployed. */
  readonly configure?: (stage: Stage) => void;
}

export async function startBench({
  withSvid = true,
  controlPlane,
  configure,
  openfga: instead,
}: BenchOptions = {}): Promise<Bench> {
  const stage = new Stage('stacks');
  await stage.open(silent);
  const up = async (stack: string, user: Parameters<Stage['as']>[0]): Promise<void> => {
    await deploy('apply', await stage.as(user), { stack, stacks: stage.stacks }, silent);
  };
  // Not to be reached by whoever calls one after the other, on the fastest machine.
  stage.configure('platform', ['front', 'requestsPerSecond'], 1000);
  configure?.(stage);
  await up('platform', 'platform-deployer');
  const { platform } = loadStack('platform', { dir: stage.stacks });
  const admin = await stage.admin();
  await createStandIns(admin, platform);
  await up('platform', 'platform-deployer');
  for (const stack of ['ws-acme', 'ws-globex'] as const) await up(stack, `${stack}-deployer`);
  const authorizer = { program: authorizerProgram, kubeconfig: await stage.authorizerKubeconfig() };
  const options = {
    cluster: admin,
    platform,
    servers: stage.servers,
    openfga: { port: (await instead?.(stage)) ?? stage.openfga.port, token: stage.openfga.token },
    authorizer,
    ...(controlPlane && { controlPlane }),
  };
  const front = await Front.start(options, { withSvid });
  const more: Front[] = [];
  const relaxing = (stack: string) => ({
    stack,
    stacks: stage.stacks,
    kubeconfig: stage.kubeconfigFor(`${stack}-deployer` as 'ws-acme-deployer'),
    reason: 'test: SPIRE is down',
    ticket: 'INC-1',
    approvedBy: 'bob',
    expires: 60,
    wait: 60,
    engine: 'apply' as const,
  });
  return {
    stage,
    platform,
    front,
    deploy: (workspace) => up(workspace, `${workspace}-deployer`),
    climb: async (workspace, level) => {
      editEnforcement(stage.stacks, workspace, { level });
      if (level !== 'routing') await stage.approve(workspace);
      await up(workspace, `${workspace}-deployer`);
    },
    changePolicy: async (workspace, tool = 'ticket:read') => {
      const tools = loadWorkspace(stage, workspace).allowlist.allowedTools;
      stage.configure(workspace, ['allowlist', 'allowedTools'], [...tools, { tool, tier: 'Auto' }]);
      await stage.approve(workspace);
      await up(workspace, `${workspace}-deployer`);
      return performance.now();
    },
    rollBack: async (workspace, to) => {
      const bob = await stage.as('bob');
      let approved = 0;
      const approving = until('somebody asks for a Relaxation', async () => {
        const asked = (await listRelaxations(bob, workspace)).find(({ state }) => state === 'requested');
        if (asked === undefined) return false;
        await approveRelaxation(bob, asked.name);
        approved = performance.now();
        return true;
      });
      const asking = relaxStack(relaxing(workspace), (relaxation) => ({
        rollback: { to, ...(relaxation && { relaxation }) },
      }));
      await Promise.all([approving, asking]);
      return approved;
    },
    undo: (workspace) => undoRelaxing(relaxing(workspace)),
    another: async (svid) => {
      const second = await Front.start(options, svid);
      more.push(second);
      return { front: second };
    },
    call: (listener, who, call = {}, { plain = false, front: at = front } = {}) => {
      const target = targetOf(at, stage, listener, who);
      return callOnce(plain ? { port: target.port } : target, withToken(call, who));
    },
    end: async () => {
      for (const each of [...more, front]) await each.stop();
      await stage.close();
    },
  };
}

function loadWorkspace(stage: Stage, name: string): Workspace {
  const stack = loadStack(name, { dir: stage.stacks });
  if (stack.kind === 'platform') throw new Error(`${name} is no workspace`);
  return stack.workspace;
}

const withToken = (call: Call, { token }: Who): Call => ({
  ...call,
  headers: { ...(token !== undefined && { authorization: `Bearer ${token}` }), ...call.headers },
});

function targetOf(front: Front, stage: Stage, listener: FrontListener, { identity, tls = '1.3' }: Who): Target {
  const port = front.sidecars.ports[listener]!;
  const version = `TLSv${tls}` as const;
  if (listener === 'bearer' || listener === 'people') {
    const servername = `api-server-${listener}.portarium-control-plane.svc.cluster.local`;
    return { port, tls: { ca: stage.servers.certificate, servername, version, ...(identity && { identity }) } };
  }
  return { port, tls: { ca: front.authority.certificate, spiffeId: front.id, version, ...(identity && { identity }) } };
}

/** Polls for at most `seconds`; says what was waited for. */
export async function until(what: string, condition: () => Promise<boolean>, seconds = 20): Promise<number> {
  const started = performance.now();
  while (!(await condition())) {
    if (performance.now() - started > seconds * 1000) throw new Error(`not within ${seconds} s: ${what}`);
    await sleep(50);
  }
  return performance.now() - started;
}
