type Version = readonly [major: number, minor: number, patch: number];

export interface Advisory {
  readonly id: string;
  readonly what: string;
  /** The first version of each minor release that has the fix; later minors have it, earlier ones never got it. */
  readonly fixed: readonly Version[];
  /** The first version that has the fault. @default any */
  readonly since?: Version;
}

/** Faults by which a policy that is written as ours lets more through than it says. Source: Cilium's security advisories. */
export const ADVISORIES: readonly Advisory[] = [
  {
    id: 'CVE-2024-47825',
    what: 'a deny of a CIDR is ignored beside an allow of a narrower one',
    since: [1, 14, 0],
    fixed: [
      [1, 14, 16],
      [1, 15, 10],
      [1, 16, 0],
    ],
  },
  {
    id: 'CVE-2026-33726',
    what: 'ingress is not enforced for traffic to Services by Envoy on the same node, with per-endpoint routing',
    fixed: [
      [1, 17, 14],
      [1, 18, 8],
      [1, 19, 2],
      [1, 20, 0],
    ],
  },
  {
    id: 'CVE-2026-56743',
    what: 'an ipBlock also lets in the pods of its own namespace, where the cluster has a name',
    since: [1, 19, 0],
    fixed: [
      [1, 19, 5],
      [1, 20, 0],
    ],
  },
];

/** Whether a version has the fault: it is of an affected minor release, before the fix of that one or of any. */
export function affects({ since, fixed }: Advisory, version: Version): boolean {
  if (since !== undefined && before(version, since)) return false;
  const sameMinor = fixed.find(([major, minor]) => major === version[0] && minor === version[1]);
  if (sameMinor !== undefined) return before(version, sameMinor);
  return fixed.every((each) => before(version, each));
}

const before = (one: Version, other: Version): boolean => {
  const at = one.findIndex((part, index) => part !== other[index]);
  return at !== -1 && one[at]! < other[at]!;
};
