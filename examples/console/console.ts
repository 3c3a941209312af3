import Koa from 'koa';
import { createAdministration } from './administration.ts';
import type { AuthorizationServer } from './authorization-server.ts';
import { createDirectory } from './directory.ts';
import { createOutbox } from './events.ts';
import { checkOrigin } from './forms.ts';
import { createHandOff } from './hand-off.ts';
import { createOrganizations } from './organizations.ts';
import { createPeople } from './people.ts';
import { createSessions } from './sessions.ts';

/** A whole console: its people, its own pages, and what connects it with the authorization server. */
export function createConsole(origin: string, server: AuthorizationServer) {
  const people = createPeople();
  const sessions = createSessions();
  const app = new Koa();
  app.use(checkOrigin(origin));
  app.use(createHandOff(server, people, sessions));
  app.use(createOrganizations(server, people, sessions));
  app.use(createDirectory({ issuer: server.issuer, url: `${origin}/internal/directory`, people }));
  app.use(createAdministration({ people, sessions, outbox: createOutbox(server) }));
  return { app, people };
}
