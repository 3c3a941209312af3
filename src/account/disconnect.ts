import type { Connection } from '../connections/index.ts';
import { seeOther } from '../http/index.ts';
import type { Words } from '../messages/index.ts';
import { type ConnectionWithMembership, isRedeemed, loadOwnConnection, withMembership } from './access.ts';
import { type AccountRequest, setFlash, signedInFrame } from './account-request.ts';
import type { ConfirmPage } from './pages.ts';
import type { AccountParts } from './parts.ts';
import { pageSize } from './present.ts';
import { clientKeyOf, identify, presentConnection } from './present-connections.ts';

export async function showDisconnect(request: AccountRequest, parts: AccountParts): Promise<void> {
  const held = await loadOwnConnection(request, parts);
  const { id, label } = held.connection;
  const words = parts.pages.words(request.ctx);
  const page: ConfirmPage = {
    ...signedInFrame(request, parts, 'disconnect.title'),
    form: request.form(parts.links.disconnect(id)),
    heading: words.say('disconnect.heading', { label }),
    explanation: words.say('disconnect.explanation'),
    subjects: presentSubjects([held], parts, words),
    client: identify(held.connection, parts),
    button: words.say('disconnect.button'),
    destructive: true,
    cancelHref: parts.links.connection(id),
  };
  parts.pages.show(request.ctx, 'account-confirm', page);
}

export async function submitDisconnect(request: AccountRequest, parts: AccountParts): Promise<void> {
  await request.readForm();
  const { connection } = await loadOwnConnection(request, parts);
  await parts.connections.end(connection.id, 'revoked by the person');
  setFlash(request.ctx, parts, 'disconnected');
  seeOther(request.ctx, parts.links.overview);
}

export async function showDisconnectClient(request: AccountRequest, parts: AccountParts): Promise<void> {
  const { listed, count, isAll } = await loadOfClient(request, parts);
  const [{ connection }] = listed;
  const words = parts.pages.words(request.ctx);
  const isMore = count > listed.length || !isAll;
  const explanation = words.say('disconnect.explanation');
  const page: ConfirmPage = {
    ...signedInFrame(request, parts, 'disconnect.all.title'),
    // In the URL: whoever has to sign in before this form counts comes back to the same question.
    form: request.form(parts.links.disconnectClient(clientKeyOf(connection, parts))),
    heading: words.say('disconnect.all.heading', { tool: connection.clientName }),
    explanation: isMore ? `${presentCount(count, listed.length, isAll, words)} ${explanation}` : explanation,
    subjects: presentSubjects(listed, parts, words),
    client: identify(connection, parts),
    button: words.say('disconnect.all.button'),
    destructive: true,
    cancelHref: parts.links.overview,
  };
  parts.pages.show(request.ctx, 'account-confirm', page);
}

export async function submitDisconnectClient(request: AccountRequest, parts: AccountParts): Promise<void> {
  await request.readForm();
  const isMeant = (connection: Connection) => clientKeyOf(connection, parts) === request.ctx.query.client;
  const owner = { accountId: request.account.id };
  const ended = await parts.connections.endAll(owner, 'revoked by the person', isMeant);
  if (ended === 0) return request.ctx.throw(404);
  setFlash(request.ctx, parts, 'disconnected');
  seeOther(request.ctx, parts.links.overview);
}

/** How many of mine are looked through for those of one client, once there is one to show. */
const lookedThrough = 2000;

interface OfClient {
  /** The newest. */
  readonly listed: readonly [ConnectionWithMembership, ...ConnectionWithMembership[]];
  readonly count: number;
  /** Otherwise there may be more. */
  readonly isAll: boolean;
}

/** Only ever mine: another person's connections of the same client are not touched. */
async function loadOfClient(request: AccountRequest, parts: AccountParts): Promise<OfClient> {
  const held: ConnectionWithMembership[] = [];
  let looked = 0;
  let isAll = true;
  for await (const slice of parts.connections.slicesOf({ accountId: request.account.id })) {
    if (looked >= lookedThrough && held.length > 0) {
      isAll = false;
      break;
    }
    looked += slice.length;
    const found = slice.filter((connection) => clientKeyOf(connection, parts) === request.ctx.query.client);
    held.push(...found.filter(isRedeemed).map((connection) => withMembership(request, connection)));
  }
  const [first, ...others] = held.slice(0, pageSize);
  if (!first) return request.ctx.throw(404);
  return { listed: [first, ...others], count: held.length, isAll };
}

function presentCount(count: number, listed: number, isAll: boolean, words: Words): string {
  const key = isAll ? 'disconnect.all.count' : 'disconnect.all.at-least';
  return words.say(key, { count: words.count(count), listed: words.count(listed) });
}

function presentSubjects(
  held: readonly ConnectionWithMembership[],
  parts: AccountParts,
  words: Words,
): ConfirmPage['subjects'] {
  return held.map((each) => {
    const { label, organization, renewed } = presentConnection(each, parts, words, { href: '', act: 'manage' });
    return { name: label, note: words.say('disconnect.subject', { organization, when: renewed.words }) };
  });
}
