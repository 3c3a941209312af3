/** Every scope of the platform that this server pretends to be. */
export const CATALOGUE: readonly string[] = [
  'organization:read',
  ...['project:read', 'project:create', 'project:update', 'project:delete'],
  ...['environment:read', 'environment:create', 'environment:delete'],
  ...['table:read', 'table:create', 'table:update', 'table:delete'],
  ...['table:data:read', 'table:data:create', 'table:data:update', 'table:data:delete'],
  'access-token:read',
];

/** What a client asks for when it connects; `project:create` comes later, when someone first needs it. */
export const CHALLENGE_SCOPES: readonly string[] = ['organization:read', 'project:read'];
