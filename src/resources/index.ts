/**
 * What may be asked for: resources and their scopes, what a request means, what a role may grant.
 * Pure rules over the configuration; does not know who asks or what was granted. Which resource a URL means and what
 * a wildcard covers is the gateway kit's word, so that it means the same on both sides. `provider` asks it about requests,
 * `interactions` about what to show.
 */
export { canonicalResource } from './canonical-resource.ts';
export { type Catalogue, createCatalogue, type Resource } from './catalogue.ts';
export { type Permissions, presentLearned, presentPermissions } from './permissions.ts';
export { identityScopes, resolveRequestedScopes } from './requested-scopes.ts';
export { createKnowsRole, createRoles, type KnowsRole, type NarrowToRole } from './roles.ts';
