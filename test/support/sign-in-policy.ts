import { signInSchema } from '../../src/config/sign-in.ts';

/** How many wrong passwords are taken where an operator says nothing. */
export const usualSignInPolicy = signInSchema.parse(undefined);
