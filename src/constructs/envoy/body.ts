import { ROUTES } from '../../model/routes.js';
import { extension, typed, type JsonObject } from './typed.js';

const EXT_AUTHZ = 'envoy.filters.http.ext_authz';

/** Bytes of a body that names a tool; a longer one is answered 413 and judged by nobody. */
export const MAX_TOOL_BODY = 61_440;

/**
 * Said of the filter, and taken back for every route but those with a tool: what a route says of its own takes the size
 * and leaves out the bytes (measured with Envoy 1.40).
 */
export const WHOLE_BODY: JsonObject = {
  max_request_bytes: MAX_TOOL_BODY,
  allow_partial_message: false,
  pack_as_bytes: true,
};

/** Set by the authorizer on a request whose body must be replaced (`src/authorizer/answer.ts`). */
const PENDING = 'x-portarium-body-pending';

/**
 * Routes whose body the authorizer must see: it is held back until it is there as a whole. As the route table has them,
 * and no others: other bodies stream.
 */
export const toolRoutes = (route: JsonObject, listener: string): readonly JsonObject[] =>
  [...new Set(ROUTES.filter(({ tool }) => tool !== undefined).map(({ template }) => template))].map((template) => ({
    match: { safe_regex: { regex: template.replaceAll('.', '\\.').replaceAll(/\{\w+\}/g, '[^/]+') } },
    ...route,
    typed_per_filter_config: {
      [EXT_AUTHZ]: typed('envoy.extensions.filters.http.ext_authz.v3.ExtAuthzPerRoute', {
        check_settings: { context_extensions: { listener } },
      }),
    },
  }));

/** Puts the body that the authorizer has read in place of the one that came, so that nobody can read another. */
const REPLACE = `function envoy_on_request(handle)
  if handle:headers():get("${PENDING}") == nil then return end
  local decided = handle:streamInfo():dynamicMetadata():get("${EXT_AUTHZ}")
  local body = decided and decided["body"]
  if body == nil then return end
  local length = handle:body(true):setBytes(body)
  handle:headers():replace("content-length", tostring(length))
  handle:headers():remove("${PENDING}")
end
`;

/**
 * The filters that replace a judged body, after the authorizer: Lua puts it in and takes the mark away, and what still
 * has the mark is refused, since a script that fails lets the request pass as it came.
 */
export const bodyFilters = (): readonly JsonObject[] => [
  extension('portarium.body', 'envoy.extensions.filters.http.lua.v3.Lua', {
    default_source_code: { inline_string: REPLACE },
  }),
  extension('portarium.body-replaced', 'envoy.extensions.filters.http.rbac.v3.RBAC', {
    rules: {
      action: 'DENY',
      policies: {
        'body-not-replaced': {
          permissions: [{ header: { name: PENDING, present_match: true } }],
          principals: [{ any: true }],
        },
      },
    },
  }),
];
