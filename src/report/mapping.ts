import { worst, type Verdict } from '../model/check.js';
import type { Section, SectionId } from './section.js';

/** What a control of this program is evidence for in frameworks of others; never that they are met. */
export interface Mapping {
  readonly control: string;
  readonly frameworks: Readonly<Record<Framework, readonly string[]>>;
  /** The sections that say whether it worked. */
  readonly sections: readonly SectionId[];
  readonly verdict: Verdict;
}

export const FRAMEWORKS = {
  soc2: 'SOC 2 (TSC 2017)',
  nist: 'NIST SP 800-53 Rev. 5',
  iso: 'ISO/IEC 27001:2022 Annex A',
} as const;
export type Framework = keyof typeof FRAMEWORKS;

/** Source: research of what auditors ask for; each row is for an auditor to judge, none is a claim of compliance. */
const ROWS: readonly Omit<Mapping, 'verdict'>[] = [
  {
    control: 'Egress of agents is denied by default',
    frameworks: { soc2: ['CC6.6', 'CC6.7'], nist: ['SC-7', 'SC-7(5)', 'AC-4'], iso: ['A.8.20', 'A.8.22'] },
    sections: ['claims', 'verification', 'inForce', 'drift'],
  },
  {
    control: 'Workloads authenticate each other (mTLS, SPIRE)',
    frameworks: { soc2: ['CC6.1', 'CC6.7'], nist: ['IA-3', 'IA-9', 'SC-8', 'SC-23'], iso: ['A.8.5', 'A.8.24'] },
    sections: ['claims', 'verification', 'inForce', 'drift'],
  },
  {
    control: 'Tools and relations are allowed one by one (allowlist, OpenFGA)',
    frameworks: { soc2: ['CC6.1', 'CC6.3'], nist: ['AC-3', 'AC-6', 'CM-7(5)'], iso: ['A.5.15', 'A.8.3'] },
    sections: ['inForce', 'approvals', 'claims'],
  },
  {
    control: 'Every run leaves evidence in a hash chain',
    frameworks: { soc2: ['CC7.2', 'CC7.3'], nist: ['AU-2', 'AU-3', 'AU-9', 'AU-10', 'AU-12'], iso: ['A.8.15'] },
    sections: ['audit'],
  },
  {
    control: 'Calls past the control plane are watched for',
    frameworks: { soc2: ['CC7.2'], nist: ['SI-4', 'AU-5', 'AU-6'], iso: ['A.8.16'] },
    sections: ['gate'],
  },
  {
    control: 'Changes and roll-backs are approved, bounded in time and recorded',
    frameworks: { soc2: ['CC8.1'], nist: ['CM-3', 'CM-4', 'IR-4', 'IR-6'], iso: ['A.8.32'] },
    sections: ['approvals', 'exceptions', 'drift'],
  },
];

export const mappingOf = (sections: readonly Section[]): readonly Mapping[] =>
  ROWS.map((row) => ({
    ...row,
    verdict: worst(row.sections.map((id) => sections.find((section) => section.id === id)?.verdict ?? 'inconclusive')),
  }));
