import { setTimeout as sleep } from 'node:timers/promises';
import { describe, expect, it } from 'vitest';
import { ApiFailure, type ApiServer } from '../../src/authorizer/api-server.js';
import { Observations } from '../../src/authorizer/observations.js';
import type { KubeObject } from '../../src/model/kube-object.js';
import { ACME, GLOBEX, NOW } from '../model/examples.js';
import { CONFIG, known, policyObject, specOf } from './fixture.js';

interface Row {
  readonly replica: string;
  readonly hash: string;
  readonly time: string;
}
interface Written {
  readonly path: string;
  readonly object: KubeObject & { readonly status: { readonly observed: readonly Row[] } };
}

/** @param answer to the write with this number; an error is thrown */
function observing(answer: (count: number) => Error | undefined | Promise<undefined> = () => undefined) {
  const written: Written[] = [];
  const logs: string[] = [];
  let attempts = 0;
  const ending = new AbortController();
  const nothing = () => Promise.reject(new Error('nothing is read'));
  const api: ApiServer = {
    get: nothing,
    async *lines() {
      await nothing();
    },
    async put(path, object) {
      const answered = await answer((attempts += 1));
      if (answered instanceof Error) throw answered;
      written.push({ path, object: object as Written['object'] });
    },
  };
  const policies = known();
  let now = NOW.getTime();
  const observations = new Observations({
    api,
    policies,
    config: CONFIG,
    replica: 'api-server-0',
    signal: ending.signal,
    onLog: (level, message) => logs.push(`${level}: ${message}`),
    now: () => now,
  });
  return {
    policies,
    written,
    logs,
    ending,
    observations,
    attempts: () => attempts,
    rows: () => written.map(({ object }) => object.status.observed),
    pass: (hours: number) => (now += hours * 3_600_000),
  };
}

const time = (hours: number): string => new Date(NOW.getTime() - hours * 3_600_000).toISOString();
const hash = specOf(ACME).policyHash;
const mine: Row = { replica: 'api-server-0', hash, time: time(0) };
const other = (replica: string, hours = 0): Row => ({ replica, hash: 'f'.repeat(64), time: time(hours) });
const noted = (observed?: readonly Row[], spec = specOf(ACME)): KubeObject => {
  const object = policyObject(spec);
  const metadata = { ...object.metadata, resourceVersion: '7' };
  return { ...object, metadata, ...(observed && { status: { observed } }) };
};

describe('an acknowledgement', () => {
  it('is written into the policy’s status, with the version that it is about', async () => {
    const { observations, written } = observing();
    observations.note(noted());
    await observations.done;
    expect(written).toEqual([
      {
        path: '/apis/enforcement.portarium.io/v1alpha1/namespaces/portarium-policy/workspacepolicies/ws-acme/status',
        object: { ...noted(), status: { observed: [mine] } },
      },
    ]);
    expect(written[0]!.object.metadata['resourceVersion']).toBe('7');
  });

  it('is one for each change, and none where nothing is new', async () => {
    const { observations, rows, policies } = observing();
    observations.note(noted());
    await observations.done;
    observations.note(noted([mine]));
    await observations.done;
    expect(rows()).toHaveLength(1);
    const changed = { ...specOf(ACME), policyHash: 'e'.repeat(64) };
    policies.put('policies', policyObject(changed));
    observations.note(noted([mine], changed));
    await observations.done;
    expect(rows()).toEqual([[mine], [{ ...mine, hash: 'e'.repeat(64) }]]);
  });

  it('says what is in force here, not what the object says that cannot be read', async () => {
    const { observations, rows, policies } = observing();
    const broken = policyObject({ ...specOf(ACME), policyHash: 'e'.repeat(64) }, { agents: 'none' });
    policies.put('policies', broken);
    observations.note(broken);
    await observations.done;
    expect(rows()).toEqual([[mine]]);
  });

  it('is none for a policy that is not in force, or gone', async () => {
    const { observations, rows, policies } = observing();
    policies.remove('policies', 'ws-acme');
    observations.note(noted());
    await observations.done;
    expect(rows()).toEqual([]);
  });

  it('keeps what other replicas say, and forgets who has not said so for a day', async () => {
    const { observations, rows } = observing();
    observations.note(
      noted([other('a', 1), other('b', 23.9), other('c', 24), other('d', 100), other('api-server-0', 1)]),
    );
    await observations.done;
    expect(rows()).toEqual([[other('a', 1), other('b', 23.9), mine]]);
  });

  it('leaves no more than a hundred, its own among them', async () => {
    const { observations, rows } = observing();
    observations.note(noted(Array.from({ length: 150 }, (_each, index) => other(`r${index}`, 1))));
    await observations.done;
    expect(rows()[0]).toHaveLength(100);
    expect(rows()[0]!.at(0)!.replica).toBe('r51');
    expect(rows()[0]!.at(-1)).toEqual(mine);
  });

  it('that says the same is written again after twelve hours', async () => {
    const { observations, rows, pass } = observing();
    pass(11.99);
    observations.note(noted([mine]));
    await observations.done;
    expect(rows()).toEqual([]);
    pass(0.01);
    observations.note(noted([mine]));
    await observations.done;
    expect(rows()).toEqual([[{ ...mine, time: time(-12) }]]);
  });
});

describe('writes', () => {
  it('go one after the other, and of each policy the newest version alone', async () => {
    let open = (_value: undefined) => {};
    const held = new Promise<undefined>((resolve) => (open = resolve));
    const { observations, written, attempts, policies } = observing(() => held);
    observations.note(noted());
    observations.note(noted(undefined, specOf(GLOBEX)));
    await sleep(1);
    expect(attempts()).toBe(1);
    for (const digit of ['1', '2']) {
      const spec = { ...specOf(ACME), policyHash: digit.repeat(64) };
      policies.put('policies', policyObject(spec));
      observations.note(noted([], spec));
    }
    open(undefined);
    await observations.done;
    expect(
      written.map(({ object }) => `${object.metadata.name} ${object.status.observed[0]!.hash.slice(0, 2)}`),
    ).toEqual([`ws-acme ${hash.slice(0, 2)}`, `ws-globex ${specOf(GLOBEX).policyHash.slice(0, 2)}`, 'ws-acme 22']);
  });

  it.each([404, 409])('that meet a %s are given up without a word: the watch brings it again', async (status) => {
    const { observations, written, logs, attempts } = observing((count) =>
      count === 1 ? new ApiFailure(status, 'changed') : undefined,
    );
    observations.note(noted());
    await observations.done;
    expect([attempts(), written.length, logs]).toEqual([1, 0, []]);
    observations.note(noted());
    await observations.done;
    expect(written).toHaveLength(1);
  });

  it('that fail are tried again until they succeed, and said once', async () => {
    const { observations, written, logs, attempts } = observing((count) =>
      count < 2 ? new ApiFailure(403, 'forbidden') : undefined,
    );
    observations.note(noted());
    await observations.done;
    expect([attempts(), written.length]).toEqual([2, 1]);
    expect(logs).toEqual(['warning: cannot acknowledge policies: forbidden']);
  });

  it('end with the process, also in the pause after a failure', async () => {
    const { observations, attempts, ending } = observing(() => new Error('refused'));
    observations.note(noted());
    await sleep(5);
    ending.abort();
    await observations.done;
    expect(attempts()).toBe(1);
  });

  it('are not lost, in whatever moment a change comes', async () => {
    for (let ticks = 0; ticks < 12; ticks += 1) {
      const { observations, written } = observing();
      observations.note(noted([mine]));
      for (let tick = 0; tick < ticks; tick += 1) await Promise.resolve();
      observations.note(noted(undefined, specOf(GLOBEX)));
      await sleep(2);
      await observations.done;
      expect([ticks, written.length]).toEqual([ticks, 1]);
    }
  });
});
