import { z } from 'zod';
import {
  acceptedEventsSchema,
  acceptSchema,
  challengeSchema,
  directoryAccountSchema,
  directoryMembershipSchema,
  directoryMembershipsSchema,
  eventsSchema,
  redirectSchema,
  refusalSchema,
  rejectSchema,
} from '../src/console/schemas.ts';

/** `config/console-openapi.json`: what passes between a console and this server, both ways, with the schemas that the code checks. */
export function consoleOpenApi(): Record<string, unknown> {
  return {
    openapi: '3.1.0',
    info: {
      title: 'The console hand-off of bkend-mcp-auth',
      version: '1.0.0',
      description:
        'A console where people already have an account signs them in, and says what they may act for. Paths under `Directory` are served by the console, all others by the authorization server.',
      license: { name: 'MIT', identifier: 'MIT' },
    },
    servers: [issuer],
    tags: [
      { name: 'Challenges', description: 'Console → authorization server: who signed in.' },
      { name: 'Events', description: 'Console → authorization server: what has ended.' },
      { name: 'Directory', description: 'Authorization server → console: who a person is, and what for.' },
    ],
    paths: {
      '/oauth/directory/challenges/{login_challenge}': {
        parameters: [challengeParameter],
        get: describeChallenge,
      },
      '/oauth/directory/challenges/{login_challenge}/accept': {
        parameters: [challengeParameter],
        post: answer('acceptChallenge', 'Say who signed in', 'Accept', 'accept'),
      },
      '/oauth/directory/challenges/{login_challenge}/reject': {
        parameters: [challengeParameter],
        post: answer('rejectChallenge', 'Say that nobody will', 'Reject', 'reject'),
      },
      '/oauth/directory/events': { post: sendEvents },
      '/accounts/{id}': question('account', 'Who is this?', 'DirectoryAccount', [idParameter('id')]),
      '/accounts/{id}/memberships': question('memberships', 'What may they act for?', 'DirectoryMemberships', [
        idParameter('id'),
      ]),
      '/accounts/{id}/memberships/{organization}': question('membership', 'And for this one?', 'DirectoryMembership', [
        idParameter('id'),
        idParameter('organization'),
      ]),
    },
    components: {
      schemas: {
        Challenge: jsonSchema(challengeSchema),
        Accept: jsonSchema(acceptSchema),
        Reject: jsonSchema(rejectSchema),
        Redirect: jsonSchema(redirectSchema),
        Events: jsonSchema(eventsSchema),
        AcceptedEvents: jsonSchema(acceptedEventsSchema),
        Refusal: jsonSchema(refusalSchema),
        DirectoryAccount: jsonSchema(directoryAccountSchema),
        DirectoryMembership: jsonSchema(directoryMembershipSchema),
        DirectoryMemberships: jsonSchema(directoryMembershipsSchema),
      },
      responses: Object.fromEntries(
        Object.entries(refusals).map(([name, description]) => [name, refusal(description)]),
      ),
      securitySchemes: {
        client_secret_basic: {
          type: 'http',
          scheme: 'basic',
          description: 'The client of `directory.client`, with one of its secrets (RFC 6749 §2.3.1).',
        },
        private_key_jwt: {
          type: 'http',
          scheme: 'bearer',
          bearerFormat: 'JWT',
          description:
            'The same client with a client assertion (RFC 7523 §3) in `Authorization: Bearer`: `iss` and `sub` are its id, `aud` the issuer, `jti` new each time.',
        },
        directory_jwt: {
          type: 'http',
          scheme: 'bearer',
          bearerFormat: 'JWT',
          description:
            'Signed by the authorization server, to be checked with its JWKS: `typ` is `directory+jwt`, `iss` the issuer, `aud` the `directory.url`, good for 60 seconds.',
        },
      },
    },
  };
}

const issuer = {
  url: 'https://api.example.com/mcp',
  description: 'The issuer of the authorization server.',
};
const directory = {
  url: 'https://api.example.com/internal/directory',
  description: '`directory.url` of auth.json, served by the console.',
};

const refusals = {
  NotJson: 'The body is not JSON.',
  Unauthenticated: 'The credential is missing or wrong.',
  Unknown: 'There is no such challenge.',
  Answered: 'The challenge was answered for another account, or the other way.',
  Gone: 'The challenge has expired, or the person has come back with its answer already.',
  TooLarge: 'The body is larger than 64 KiB (events: 1 MiB).',
  NotAnnouncedAsJson: 'The content type is not `application/json`.',
  Invalid: 'Something is wrong with the body; `errors` names each member that is.',
  Limited: 'Too many at once: `Retry-After` says when to try again.',
  Unavailable: 'The server cannot reach its storage: repeat it as it is.',
};

/** The statuses of a POST of the console, whatever it says. */
const refusalsOfPost = {
  400: ref('responses', 'NotJson'),
  401: ref('responses', 'Unauthenticated'),
  413: ref('responses', 'TooLarge'),
  415: ref('responses', 'NotAnnouncedAsJson'),
  422: ref('responses', 'Invalid'),
  429: ref('responses', 'Limited'),
  503: ref('responses', 'Unavailable'),
};
const refusalsOfChallenge = { 404: ref('responses', 'Unknown'), 410: ref('responses', 'Gone') };

const asConsole = [{ client_secret_basic: [] }, { private_key_jwt: [] }];

const challengeParameter = {
  name: 'login_challenge',
  in: 'path',
  required: true,
  description: 'As it came with the browser.',
  schema: { type: 'string', pattern: '^[A-Za-z0-9_-]{43}$' },
};

const describeChallenge = {
  operationId: 'describeChallenge',
  tags: ['Challenges'],
  summary: 'For whom, and for what?',
  description: 'Optional. Needs no credential: it says who asks, and nothing about a person.',
  security: [],
  responses: {
    200: success('Who asks, and what was demanded of the sign-in.', 'Challenge'),
    ...refusalsOfChallenge,
    503: ref('responses', 'Unavailable'),
  },
};

const sendEvents = {
  operationId: 'sendEvents',
  tags: ['Events'],
  summary: 'Say what has ended',
  description:
    'What an event ends is refused at the gateways within a second. All of a request is checked before any of it is done. An `id` that was seen within 14 days is accepted and does nothing, so a request may be repeated.',
  security: asConsole,
  requestBody: body('Events'),
  responses: { 200: success('All of them were done, now or before.', 'AcceptedEvents'), ...refusalsOfPost },
};

function answer(operationId: string, summary: string, schema: string, verb: string) {
  return {
    operationId,
    tags: ['Challenges'],
    summary,
    description: `Answers the challenge. To ${verb} it again${verb === 'accept' ? ' for the same account' : ''} makes a new ticket, and the old one dies. Check that the origin of \`redirect_to\` is that of the issuer before the browser is sent there.`,
    security: asConsole,
    requestBody: body(schema),
    responses: {
      200: success('Where to send the browser, within 60 seconds and once.', 'Redirect'),
      ...refusalsOfChallenge,
      409: ref('responses', 'Answered'),
      ...refusalsOfPost,
    },
  };
}

function question(operationId: string, summary: string, schema: string, parameters: object[]) {
  return {
    servers: [directory],
    parameters: [...parameters, { name: 'If-None-Match', in: 'header', schema: { type: 'string' } }],
    get: {
      operationId,
      tags: ['Directory'],
      summary,
      security: [{ directory_jwt: [] }],
      responses: {
        200: { ...success('As it is now.', schema), headers: { ETag: { schema: { type: 'string' } } } },
        304: { description: 'As it was with the ETag of the question.' },
        401: { description: 'The question is not one of the authorization server for this directory.' },
        404: { description: 'There is no such account or membership, or not any more.' },
      },
    },
  };
}

function idParameter(name: string) {
  return { name, in: 'path', required: true, schema: { type: 'string' } };
}

function jsonSchema(schema: z.ZodType) {
  const { $schema: _dialect, ...rest } = z.toJSONSchema(schema, { io: 'input' });
  return rest;
}

function ref(kind: 'schemas' | 'responses', name: string) {
  return { $ref: `#/components/${kind}/${name}` };
}

function json(schema: string) {
  return { 'application/json': { schema: ref('schemas', schema) } };
}

function body(schema: string) {
  return { required: true, content: json(schema) };
}

function success(description: string, schema: string) {
  return { description, content: json(schema) };
}

function refusal(description: string) {
  return success(description, 'Refusal');
}
