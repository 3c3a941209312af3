import { connectAndRenew } from './connects-and-renews.ts';

connectAndRenew('sdk-1', 'client-2', 'openid-client', 'oauth4webapi');
