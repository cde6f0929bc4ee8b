/** What somebody who may read Vault's policies found in them, made from `vault policy read` and the auth roles. */
export interface VaultEvidence {
  /** Who read them and when, as the report shows it. */
  readonly source: string;
  /** Every path that a role bound to an agent's service account may use; empty: none. */
  readonly grants: readonly {
    /** `<namespace>/<service account>` */
    readonly account: string;
    readonly policy: string;
    readonly path: string;
    readonly capabilities: readonly string[];
  }[];
}
