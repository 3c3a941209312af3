/**
 * Forward authentication: decides for a proxy (nginx, Traefik, Caddy, Envoy) whether the request that it holds back may
 * go on to the MCP server behind it, and says in headers who is asking; or gives the answer that leads the AI tool on.
 *
 * It is the gateway kit, asked from outside: the same verification, the same challenges. What it adds is what only the
 * authorization server can: the truth of this moment from the store, and which scopes a tool needs from `auth.json`.
 * Which resource is meant is the proxy's word, never the client's. Here is also what is said of a resource (RFC 9728), for
 * proxies to publish and at the addresses of this origin: it is the kit's word, too.
 *
 * A module of its own and not a part of `provider`: it is a gateway that happens to live here, and no OAuth endpoint.
 * Does not know how tokens are issued, or what is behind the proxy. The composition root mounts it.
 */
export { type ForwardAuthParts, forwardAuthEndpoints } from './endpoints.ts';
