import type { IDToken, UserInfoResponse } from 'openid-client';
import type { Said } from './provider.ts';

/** Puts together what an ID token and the userinfo of the same person say; the signed word comes first. */
export function combine(idToken: IDToken, userinfo: UserInfoResponse | undefined): Said {
  const claims: Record<string, unknown> = { ...userinfo, ...idToken };
  const { auth_time: authTime, amr, acr, sid } = idToken;
  return {
    issuer: idToken.iss,
    subject: idToken.sub,
    claims,
    ...emailOf(idToken, userinfo),
    // Glewlwyd 2.7 writes 0 for a time that it does not know.
    ...(typeof authTime === 'number' && authTime > 0 && { authTime }),
    ...(Array.isArray(amr) && { amr: amr.filter((each) => typeof each === 'string') }),
    ...(typeof acr === 'string' && { acr }),
    ...(typeof sid === 'string' && { sid }),
  };
}

/** An address and its being verified are one statement: never the address of one answer with the tick of another. */
function emailOf(idToken: IDToken, userinfo: UserInfoResponse | undefined): Pick<Said, 'email' | 'emailIsVerified'> {
  const answers = [idToken, userinfo ?? {}] as Readonly<Record<string, unknown>>[];
  const email = answers.map((answer) => answer.email).find((each) => typeof each === 'string') as string | undefined;
  const isTicked = ({ email: of, email_verified: tick }: Readonly<Record<string, unknown>>) =>
    of === email && (tick === true || tick === 'true');
  return { email, emailIsVerified: email !== undefined && answers.some(isTicked) };
}
