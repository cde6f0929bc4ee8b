import type { Construct } from 'constructs';
import type { Platform } from '../../model/platform.js';
import { AdmissionPolicy, type AdmissionPolicyProps, type AdmissionProps } from '../admission/admission-policy.js';

export type { Refusal } from '../admission/admission-policy.js';

/** What every guard is made from. */
export type GuardFamilyProps = AdmissionProps;

export interface GuardProps extends AdmissionPolicyProps {
  /** `deny` refuses; `audit` warns the caller and writes the refusal into the API server's audit log. */
  readonly mode: Platform['guards'];
  /** The policy is `portarium-guard-<name>`. */
  readonly name: string;
}

/** An AdmissionPolicy of the family that the platform's `guards` switches: `portarium-guard-<name>`. */
export class Guard extends AdmissionPolicy {
  constructor(scope: Construct, id: string, props: GuardProps) {
    super(scope, id, { ...props, name: `portarium-guard-${props.name}` });
  }
}
