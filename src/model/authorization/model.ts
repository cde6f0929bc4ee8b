import model from '../../../openfga/model.json' with { type: 'json' };
import { sha256 } from '../canonical.js';

/** A model as OpenFGA's API takes and gives it; what is inside is OpenFGA's business. */
export interface AuthorizationModel {
  readonly schema_version: string;
  readonly type_definitions: readonly { readonly type: string }[];
  readonly conditions?: Readonly<Record<string, unknown>>;
}

/** The model of this version: the modules of `openfga/`, as JSON. A test holds the file equal to them. */
export const AUTHORIZATION_MODEL: AuthorizationModel = model;

/** Lower-case hex SHA-256 of the canonical form: what a WorkspacePolicy pins, and the name under which ids are published. */
export const MODEL_HASH = sha256(model);
