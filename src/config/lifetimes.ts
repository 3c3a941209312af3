import { z } from 'zod';

const lifetimes = z.strictObject(
  {
    accessToken: seconds().prefault(3600).meta({ description: 'an access token', note: 'longer than `refreshGrace`' }),
    refreshToken: seconds().prefault(2_592_000).meta({
      description: 'a refresh token, from each renewal on',
      note: 'longer than `accessToken`',
    }),
    // RFC 6749 §4.1.2: "A maximum authorization code lifetime of 10 minutes is RECOMMENDED."
    authorizationCode: seconds()
      .max(600, { error: 'must be 600 seconds or less (RFC 6749 §4.1.2)', abort: true })
      .prefault(600)
      .meta({
        description: 'an authorization code',
        note: 'at most `600`',
      }),
    // A longer one would let a stolen refresh token be replayed unnoticed for as long.
    refreshGrace: seconds(0).max(3600, { error: 'must be 3600 seconds or less', abort: true }).prefault(60).meta({
      description: 'how long a renewal may be repeated with the same refresh token',
      note: '`0` to `3600`',
    }),
    connection: seconds().optional().meta({
      description: 'a connection, from its last approval on, however often it is renewed',
      note: 'not shorter than `refreshToken`',
      fallback: 'no limit',
    }),
    // Most registrations are never approved by anyone (R86).
    registrationUnused: seconds().prefault(86_400).meta({
      description: 'a registration that nobody has approved yet',
      note: 'not shorter than `interaction`',
    }),
    // People come back to a tool the next day, and some tools do not notice that they were forgotten (R103).
    registrationSignedIn: seconds().prefault(604_800).meta({
      description: 'a registration for which somebody signed in, and approved nothing yet',
      note: 'a shorter one than `registrationUnused` changes nothing',
    }),
    // Some tools never register again once their id is unknown (R31).
    registrationIdle: seconds().prefault(2_592_000).meta({
      description: 'how long a registration outlives its last refresh token',
    }),
    interaction: seconds().prefault(3600).meta({ description: 'a sign-in that was begun and not finished' }),
    session: seconds().prefault(1_209_600).meta({ description: 'a person’s session in the browser' }),
  },
  'must be an object',
);

export const lifetimesSchema = lifetimes
  .superRefine((each, context) => {
    for (const { member, message } of findIssues(each)) {
      context.addIssue({ code: 'custom', path: [member], message });
    }
  })
  .prefault({})
  .meta({ description: 'how long things last, in seconds' });

// `abort`: a number that is wrong by itself is not compared with the others as well.
function seconds(least = 1) {
  const sentence = `must be a whole number of seconds, ${least} or more`;
  return z.int({ error: sentence, abort: true }).min(least, { error: sentence, abort: true });
}

function findIssues(each: z.output<typeof lifetimes>) {
  const { accessToken, refreshToken, refreshGrace, registrationUnused, interaction } = each;
  const rules = [
    [refreshGrace < accessToken, 'refreshGrace', `must be less than accessToken (${accessToken})`],
    [accessToken < refreshToken, 'accessToken', `must be less than refreshToken (${refreshToken})`],
    // A shorter connection would end every refresh token early: `refreshToken` would state a time that is never true.
    [(each.connection ?? refreshToken) >= refreshToken, 'connection', `must be refreshToken (${refreshToken}) or more`],
    // Or the client would be gone before the person has answered.
    [registrationUnused >= interaction, 'registrationUnused', `must be interaction (${interaction}) or more`],
  ] as const;
  return rules.filter(([holds]) => !holds).map(([_holds, member, message]) => ({ member, message }));
}
