import { metadataPaths } from './metadata.ts';
import { createRoutes, forwardAuthPaths } from './routes.ts';

/** Where scripts of any origin may call (R12): everything that neither is a page nor sends the browser to one. */
export function openPaths(issuer: string): (path: string) => boolean {
  const { authorization, end_session: signOut, registration, ...endpoints } = createRoutes(issuer);
  const { protectedResource } = forwardAuthPaths(issuer);
  const paths = new Set([...metadataPaths(issuer), ...Object.values(endpoints), registration, protectedResource]);
  const families = [`${registration}/`, `${protectedResource}/`];
  return (path) => paths.has(path) || families.some((family) => path.startsWith(family));
}
