import { describe, expect, test } from 'vitest';
import { allAlerts, scopeOf } from '../../../src/model/alerts/groups.js';
import { loadStacks } from '../../../src/config/load.js';
import { enforce } from '../../cli/run.js';
import type { Deployed } from './fixture.js';

/** What other people's charts install, named as kube-prometheus, Cilium and Kubernetes name it. */
const FOREIGN = ['sts/prometheus-k8s', 'sts/alertmanager-main', 'ds/cilium'];
const NAMES: Readonly<Record<string, string>> = {
  workspace_id: 'ws-acme',
  source_namespace: 'portarium-agents',
  workload_namespace: 'portarium-spire',
};
const KINDS: Readonly<Record<string, string>> = { deploy: 'Deployment', ds: 'DaemonSet', sts: 'StatefulSet' };

interface Workload {
  readonly template: {
    readonly spec: {
      readonly containers: readonly { readonly name: string }[];
      readonly initContainers?: readonly { readonly name: string }[];
    };
  };
}

/** What an engineer is told to run first, on what is deployed. */
export function alertCases(deployed: () => Deployed): void {
  const { platform } = loadStacks({ dir: 'stacks' });
  const alerts = allAlerts(scopeOf({ ...platform, network: { ...platform.network, cilium: true } }));
  const commands = alerts.map(({ alert, command }) => ({
    alert,
    words: command
      .replaceAll(/\{\{ \$labels\.(\w+) \}\}/g, (label, name: string) => NAMES[name] ?? label)
      .replace(/ \|.*$/, '')
      .split(' '),
  }));
  const by = (program: string) =>
    commands.filter(({ words }) => words[0] === program).map(({ alert, words }) => [alert, words.slice(1)] as const);

  describe('the first command of an alert', () => {
    test('is of one of four programs', () => {
      expect(new Set(commands.map(({ words }) => words[0]))).toEqual(
        new Set(['enforce', 'kubectl', 'hubble', 'promtool']),
      );
    });

    test.each(by('enforce'))('%s: enforce answers', async (_alert, words) => {
      const { lab, stacks } = deployed();
      const args = words.filter((word) => word !== '--watch');
      const { code, stderr } = await enforce(...args, '--stacks', stacks, '--kubeconfig', lab.kubeconfig);
      expect(stderr).toBe('');
      expect([0, 7, 10]).toContain(code);
    });

    test.each(by('kubectl'))('%s: kubectl finds what it is asked for', async (_alert, words) => {
      const { admin } = deployed();
      const args = [...words];
      /** Takes an option and its value out. */
      const option = (name: string): string | undefined => {
        const at = args.indexOf(name);
        return at < 0 ? undefined : args.splice(at, 2)[1];
      };
      const namespace = option('-n');
      const [container, labels] = [option('-c'), option('-l')];
      if (namespace !== undefined)
        await admin.get({ apiVersion: 'v1', kind: 'Namespace', metadata: { name: namespace } });
      const [verb, what = ''] = args;
      if (verb === 'get') {
        const { resources } = await admin.served();
        for (const plural of what.split(',')) {
          const resource = resources.find(({ name }) => name === plural);
          expect(resource, plural).toBeDefined();
          if (labels !== undefined) expect(await admin.list(resource!, { labels }), labels).not.toEqual([]);
        }
      } else if (['logs', 'exec'].includes(verb!) && what.includes('/') && !FOREIGN.includes(what)) {
        const [kind, name] = what.split('/') as [string, string];
        const metadata = { name, ...(namespace !== undefined && { namespace }) };
        const { spec } = (await admin.get({ apiVersion: 'apps/v1', kind: KINDS[kind]!, metadata })) as unknown as {
          spec: Workload;
        };
        const { containers, initContainers = [] } = spec.template.spec;
        if (container !== undefined)
          expect([...containers, ...initContainers].map((each) => each.name)).toContain(container);
      } else expect(['logs', 'exec', 'top']).toContain(verb);
    });
  });
}
