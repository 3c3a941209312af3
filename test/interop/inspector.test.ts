import { connectAndRenew, mindDeclining } from './connects-and-renews.ts';

connectAndRenew('inspector');
mindDeclining('inspector');
